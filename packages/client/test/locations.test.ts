import { describe, expect, it } from 'vitest'
import { ImageClient } from '../src/index.ts'
import { fakeService, sendJson, sendPage } from './support/fake-service.ts'
import { anImage } from './support/make-image.ts'

function aClient(endpoint: string): ImageClient {
  return new ImageClient({ endpoint, token: 'secret', retry: null })
}

const locations = ['http://x/1', 'http://x/2', 'http://x/3'].map((url) => ({ url, metadata: { store: 'web' } }))

/** A service with one image that shows these locations, and that takes every patch. */
const withImage = (shown: object) =>
  fakeService((_request, response) => sendJson(response, 200, { ...anImage({ id: 'a' }), ...shown }))

describe('locations by calls of their own', () => {
  it('are listed, and created with and without a hash', async () => {
    await using service = await fakeService((request, response) => {
      if (request.method === 'GET') sendJson(response, 200, locations)
      else response.writeHead(202).end()
    })
    const client = aClient(service.endpoint)

    expect(await client.locations.list('a/b')).toEqual(locations)
    await client.locations.create('a', { url: 'http://x/1' })
    await client.locations.create('a', { url: 'http://x/1', hash: { algorithm: 'sha256', value: 'ab' } })

    expect(service.requests.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([
      'GET /v2/images/a%2Fb/locations ',
      'POST /v2/images/a/locations {"url":"http://x/1"}',
      'POST /v2/images/a/locations {"url":"http://x/1","validation_data":{"os_hash_algo":"sha256","os_hash_value":"ab"}}',
    ])
  })

  it.each([{}, 'x', [{}], [{ url: 7 }]])('refuse the answer %j for a list', async (body) => {
    await using service = await fakeService((_request, response) => sendJson(response, 200, body))

    await expect(aClient(service.endpoint).locations.list('a')).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
  })
})

describe('locations by patches', () => {
  const patchesOf = (requests: readonly { method: string; body: Buffer }[]) =>
    requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(String(body)))

  it('are added, with what is known of the data', async () => {
    await using service = await withImage({ locations })
    const client = aClient(service.endpoint)

    expect((await client.locations.add('a', { url: 'http://x/4', metadata: {} })).id).toBe('a')
    await client.locations.add(
      'a',
      { url: 'http://x/5', metadata: { k: ['v'] } },
      { hashes: { algorithm: 'sha512', value: 'cd', checksum: 'ef' } },
    )

    expect(patchesOf(service.requests)).toEqual([
      [{ op: 'add', path: '/locations/-', value: { url: 'http://x/4', metadata: {} } }],
      [
        {
          op: 'add',
          path: '/locations/-',
          value: {
            url: 'http://x/5',
            metadata: { k: ['v'] },
            validation_data: { checksum: 'ef', os_hash_algo: 'sha512', os_hash_value: 'cd' },
          },
        },
      ],
    ])
  })

  it('get new metadata, all others going along as they are', async () => {
    await using service = await withImage({ locations })

    await aClient(service.endpoint).locations.update('a', { url: 'http://x/2', metadata: { k: 'v' } })

    const value = [locations[0], { url: 'http://x/2', metadata: { k: 'v' } }, locations[2]]
    expect(patchesOf(service.requests)).toEqual([[{ op: 'replace', path: '/locations', value }]])
  })

  it('are removed from the end, so that no position moves', async () => {
    await using service = await withImage({ locations })

    await aClient(service.endpoint).locations.remove('a', ['http://x/1', 'http://x/3'])

    expect(patchesOf(service.requests)).toEqual([
      [
        { op: 'remove', path: '/locations/2' },
        { op: 'remove', path: '/locations/0' },
      ],
    ])
  })

  it('are not touched when the image does not show them', async () => {
    await using service = await withImage({ locations })
    const client = aClient(service.endpoint)
    const urls = ['http://x/9']

    await expect(client.locations.remove('a', ['http://x/1', ...urls])).rejects.toMatchObject({
      name: 'LocationsError',
      urls,
    })
    await expect(client.locations.update('a', { url: 'http://x/9', metadata: {} })).rejects.toMatchObject({ urls })
    await using closed = await withImage({})
    await expect(aClient(closed.endpoint).locations.remove('a', urls)).rejects.toMatchObject({
      message: expect.stringContaining('administrator has disabled'),
      urls: [],
    })
    expect(patchesOf(service.requests)).toEqual([])
  })
})

describe('stores.deleteImage', () => {
  it('deletes the data of an image in one store', async () => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())

    await aClient(service.endpoint).stores.deleteImage('fa/st', 'a')

    expect(service.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['DELETE /v2/stores/fa%2Fst/a'])
  })

  it('rejects with the service’s code, and without a name that can travel', async () => {
    await using service = await fakeService((_request, response) => sendPage(response, 409, 'Conflict', 'in use'))
    const { stores } = aClient(service.endpoint)

    await expect(stores.deleteImage('fast', 'a')).rejects.toMatchObject({ code: 'CONFLICT' })
    for (const [store, image] of [
      ['..', 'a'],
      ['', 'a'],
      ['fast', '.'],
    ] as const)
      expect(() => stores.deleteImage(store, image)).toThrow(TypeError)
  })
})
