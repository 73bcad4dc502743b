import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Api, type Caller, openApi } from '../../support/api.ts'
import { openOrigin, webStore } from '../../support/origin.ts'

const shown = { show_multiple_locations: 'true', show_image_direct_url: 'true' }
const add = (url: string, more: object = {}) => [
  { op: 'add', path: '/locations/-', value: { url, metadata: {}, ...more } },
]
const hexOf = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

async function show(api: Api, id: string, caller: Caller = 'admin') {
  return (await api.call(caller, 'GET', `/v2/images/${id}`)).json()
}

/** Puts a copy of an image into another store, as an import would. */
async function copyInto(api: Api, id: string, storeId: string, data: string): Promise<void> {
  const stored = await api.deps.stores.get(storeId)?.add(
    id,
    (async function* () {
      yield Buffer.from(data)
    })(),
  )
  const url = stored?.location ?? ''
  await api.deps.images.change(id, new Date(), ({ locations }) => ({
    locations: [...locations, { url, metadata: { store: storeId }, status: 'active' }],
  }))
}

describe('locations by a patch', () => {
  it('make an image of a web address, which can be shown, downloaded and deleted', async () => {
    await using origin = await openOrigin()
    origin.data.set('/image', 'web data')
    await using api = await openApi({ options: shown, stores: ['fast'], more: [await webStore()] })
    const { id } = await api.create('alice')

    const answer = await api.patch('alice', id, add(`${origin.url}/image`))

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      status: 'active',
      size: 8,
      checksum: null,
      direct_url: `${origin.url}/image`,
      locations: [{ url: `${origin.url}/image`, metadata: { store: 'web' } }],
      stores: 'web',
    })
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).body).toBe('web data')
    expect((await api.call('alice', 'DELETE', `/v2/images/${id}`)).statusCode).toBe(204)
    expect(origin.requests).toEqual(['HEAD /image', 'GET /image'])
  })

  it.each([
    ['no store reads it', 'foo://x', 400],
    ['nothing is there', '{origin}/missing', 400],
    ['it is a file of the host', 'file:///etc/passwd', 400],
  ])('are refused when %s', async (_why, url, status) => {
    await using origin = await openOrigin()
    await using api = await openApi({ options: shown, more: [await webStore()] })
    const { id } = await api.create('alice')

    const answer = await api.patch('alice', id, add(url.replace('{origin}', origin.url)))

    expect([answer.statusCode, answer.json().message]).toEqual([status, 'Invalid location<br /><br />\n\n\n'])
    expect((await show(api, id)).status).toBe('queued')
  })

  it('delete the data of one that is removed, and answer 403 for the last one', async () => {
    await using api = await openApi({ options: shown, stores: ['fast', 'cold'] })
    const id = await api.createActive('alice', 'data')
    await copyInto(api, id, 'cold', 'data')
    const [, cold] = (await show(api, id)).locations

    expect((await api.patch('alice', id, [{ op: 'remove', path: '/locations/1' }])).statusCode).toBe(403)
    const answer = await api.patch('admin', id, [{ op: 'remove', path: '/locations/1' }])

    expect([answer.statusCode, answer.json().stores]).toEqual([200, 'fast'])
    await expect(api.deps.stores.get('cold')?.getSize(cold.url)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await api.patch('admin', id, [{ op: 'remove', path: '/locations/0' }])).statusCode).toBe(403)
  })
})

describe('POST and GET /v2/images/{id}/locations', () => {
  it('answers 202 without a body, shows the image active at once, and its hashes later', async () => {
    await using origin = await openOrigin()
    origin.data.set('/image', 'web data')
    await using api = await openApi({ stores: ['fast'], more: [await webStore()] })
    const { id } = await api.create('alice')

    const answer = await api.call('alice', 'POST', `/v2/images/${id}/locations`, {
      payload: { url: `${origin.url}/image` },
    })

    expect([answer.statusCode, answer.body]).toEqual([202, ''])
    expect(await show(api, id)).toMatchObject({ status: 'active', size: 8 })
    await api.hashJobs.idle()
    const image = await show(api, id)
    expect(image).toMatchObject({
      checksum: hexOf('md5', 'web data'),
      os_hash_algo: 'sha512',
      os_hash_value: hexOf('sha512', 'web data'),
    })
    expect(Object.keys(image).filter((name) => name.startsWith('os_glance'))).toEqual([])
    const listed = await api.call('admin', 'GET', `/v2/images/${id}/locations`)
    expect([listed.statusCode, listed.json()]).toEqual([
      200,
      [{ url: `${origin.url}/image`, metadata: { store: 'web' } }],
    ])
    expect((await api.call('alice', 'GET', `/v2/images/${id}/locations`)).statusCode).toBe(403)
  })

  it.each([
    ['the data', 'active', hexOf('sha256', 'web data')],
    ['other data', 'queued', null],
  ])('is importing until its hash was compared: of %s it becomes %s', async (text, status, value) => {
    await using origin = await openOrigin()
    origin.data.set('/image', 'web data')
    await using api = await openApi({ more: [await webStore()] })
    const { id } = await api.create('alice')
    const gate = Promise.withResolvers<void>()
    const expected = hexOf('sha256', text === 'the data' ? 'web data' : text)
    const payload = { url: `${origin.url}/image`, validation_data: { os_hash_algo: 'sha256', os_hash_value: expected } }
    origin.before = () => (origin.requests.at(-1)?.startsWith('GET') ? gate.promise : undefined)

    expect((await api.call('alice', 'POST', `/v2/images/${id}/locations`, { payload })).statusCode).toBe(202)
    expect(await show(api, id)).toMatchObject({ status: 'importing' })
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(204)
    gate.resolve()
    await api.hashJobs.idle()

    expect(await show(api, id)).toMatchObject({ status, os_hash_value: value })
  })

  it.each([
    ['not JSON', '{', 400],
    ['no URL', {}, 400],
    ['half a hash', { url: 'http://x/y', validation_data: { os_hash_algo: 'md5' } }, 400],
    ['a file, by a user', { url: 'file:///etc/passwd' }, 403],
  ])('refuses %s', async (_what, payload, status) => {
    await using api = await openApi({ more: [await webStore()] })
    const { id } = await api.create('alice')

    expect((await api.call('alice', 'POST', `/v2/images/${id}/locations`, { payload })).statusCode).toBe(status)
  })

  it('answers 409 for an active image, 404 for one that is not there, and 405 for other methods', async () => {
    await using api = await openApi({ more: [await webStore()] })
    const id = await api.createActive('alice', 'data')
    const payload = { url: 'http://example.com/x' }

    expect((await api.call('alice', 'POST', `/v2/images/${id}/locations`, { payload })).statusCode).toBe(409)
    expect((await api.call('bob', 'POST', `/v2/images/${id}/locations`, { payload })).statusCode).toBe(404)
    expect((await api.call('bob', 'GET', `/v2/images/${id}/locations`)).statusCode).toBe(404)
    const put = await api.call('alice', 'PUT', `/v2/images/${id}/locations`)
    expect([put.statusCode, put.headers.allow]).toEqual([405, 'GET, POST'])
  })

  it('stops the hashing of an image that is deleted', async () => {
    await using origin = await openOrigin()
    origin.data.set('/image', 'web data')
    await using api = await openApi({ more: [await webStore()] })
    const { id } = await api.create('alice')
    const reading = Promise.withResolvers<void>()
    origin.before = () => {
      if (!origin.requests.at(-1)?.startsWith('GET')) return
      reading.resolve()
      return new Promise(() => {})
    }
    await api.call('alice', 'POST', `/v2/images/${id}/locations`, { payload: { url: `${origin.url}/image` } })
    await reading.promise

    expect((await api.call('alice', 'DELETE', `/v2/images/${id}`)).statusCode).toBe(204)

    await api.hashJobs.idle()
    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).statusCode).toBe(404)
  })
})

describe('DELETE /v2/stores/{store}/{id}', () => {
  it('deletes the data in one store, for administrators', async () => {
    await using api = await openApi({ stores: ['fast', 'cold'] })
    const id = await api.createActive('alice', 'data')
    await copyInto(api, id, 'cold', 'data')
    expect((await show(api, id)).stores).toBe('fast,cold')

    expect((await api.call('alice', 'DELETE', `/v2/stores/fast/${id}`)).statusCode).toBe(403)
    const answer = await api.call('admin', 'DELETE', `/v2/stores/fast/${id}`)

    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect((await show(api, id)).stores).toBe('cold')
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).body).toBe('data')
    for (const [store, status] of [
      ['cold', 403],
      ['unknown', 409],
      ['os_glance_staging_store', 409],
    ])
      expect((await api.call('admin', 'DELETE', `/v2/stores/${store}/${id}`)).statusCode).toBe(status)
    expect((await api.call('admin', 'DELETE', `/v2/stores/cold/${id}`, { payload: 'x' })).statusCode).toBe(400)
    expect((await api.call('admin', 'GET', `/v2/stores/cold/${id}`)).statusCode).toBe(405)
  })

  it('is not there for a single store', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'data')

    expect((await api.call('admin', 'DELETE', `/v2/stores/memory/${id}`)).statusCode).toBe(404)
  })
})

describe('GET /v2/images/{id}/file?prefer=', () => {
  it.each([
    ['?prefer=cold', 200, 'same'],
    ['?prefer=cold,fast', 200, 'same'],
    ['?prefer=', 200, 'same'],
    ['?prefer=unknown', 400, null],
  ])('%s answers %d', async (query, status, body) => {
    await using api = await openApi({ stores: ['fast', 'cold'] })
    const id = await api.createActive('alice', 'same')
    await copyInto(api, id, 'cold', 'same')

    const answer = await api.call('alice', 'GET', `/v2/images/${id}/file${query}`)

    expect(answer.statusCode).toBe(status)
    if (body !== null) expect(answer.body).toBe(body)
  })

  it('is refused where there is one store', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'data')

    expect((await api.call('alice', 'GET', `/v2/images/${id}/file?prefer=memory`)).statusCode).toBe(400)
  })
})
