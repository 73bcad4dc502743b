import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openApi, upload } from '../../support/api.ts'

const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

describe('PUT /v2/images/{id}/file', () => {
  it('stores the data and makes the image active', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    const answer = await upload(api, 'alice', id, 'some data')

    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({
      status: 'active',
      size: 9,
      checksum: digest('md5', 'some data'),
      os_hash_algo: 'sha512',
      os_hash_value: digest('sha512', 'some data'),
    })
  })

  it('takes an image of no bytes', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', '')

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({
      status: 'active',
      size: 0,
      checksum: digest('md5', ''),
    })
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(200)
  })

  it('uses the configured algorithm', async () => {
    await using api = await openApi({ options: { hashing_algorithm: 'sha256' } })
    const id = await api.createActive('alice', 'x')

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({
      os_hash_algo: 'sha256',
      os_hash_value: digest('sha256', 'x'),
    })
  })

  it('goes to the store that the caller names', async () => {
    await using api = await openApi({ stores: ['fast', 'slow'] })
    const [{ id }, other] = [await api.create('alice'), await api.create('alice')]

    expect((await upload(api, 'alice', id, 'x', { 'x-image-meta-store': 'slow' })).statusCode).toBe(204)
    expect((await upload(api, 'alice', other.id, 'x', { 'x-image-meta-store': 'none' })).statusCode).toBe(400)

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({ stores: 'slow' })
    expect((await api.call('alice', 'GET', `/v2/images/${other.id}`)).json()).toMatchObject({ status: 'queued' })
  })

  it.each([
    ['another media type', { 'content-type': 'text/plain' }, 415],
    ['no media type', { 'content-type': '' }, 415],
    ['a size that is no number', { 'x-openstack-image-size': 'big' }, 400],
    ['a negative size', { 'x-openstack-image-size': '-1' }, 400],
    ['another size', { 'x-openstack-image-size': '5' }, 400],
  ])('refuses %s', async (_what, headers, status) => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    expect((await upload(api, 'alice', id, 'data', headers)).statusCode).toBe(status)
    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({ status: 'queued', size: null })
  })

  it('needs formats, a queued image, and the right to write it', async () => {
    await using api = await openApi()
    const bare = await api.create('alice', { disk_format: null })
    const active = await api.createActive('alice', 'first', { visibility: 'community' })

    expect((await upload(api, 'alice', bare.id, 'x')).statusCode).toBe(400)
    expect((await upload(api, 'alice', active, 'second')).statusCode).toBe(409)
    expect((await upload(api, 'bob', active, 'third')).statusCode).toBe(403)
    expect((await upload(api, 'bob', bare.id, 'x')).statusCode).toBe(404)
    expect((await api.call('alice', 'GET', `/v2/images/${active}/file`)).body).toBe('first')
  })

  it('holds image_size_cap, announced or not (OSSA-2014-028)', async () => {
    await using api = await openApi({ options: { image_size_cap: '3' } })
    const { id } = await api.create('alice')

    expect((await upload(api, 'alice', id, 'four')).statusCode).toBe(413)
    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({ status: 'queued', size: null })
    expect((await upload(api, 'alice', id, 'six')).statusCode).toBe(204)
  })
})

describe('GET /v2/images/{id}/file', () => {
  it('gives the data with its length and its MD5 in hex', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'some data')

    const answer = await api.call('alice', 'GET', `/v2/images/${id}/file`)

    expect([answer.statusCode, answer.body]).toEqual([200, 'some data'])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '9',
      'content-md5': digest('md5', 'some data'),
    })
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/)
  })

  it.each([
    ['bytes=0-3', 'some', 'bytes 0-3/9'],
    ['bytes=5-', 'data', 'bytes 5-8/9'],
    ['bytes=-4', 'data', 'bytes 5-8/9'],
    ['bytes=5-100', 'data', 'bytes 5-8/9'],
    ['bytes=-100', 'some data', 'bytes 0-8/9'],
    ['bytes=8-8', 'a', 'bytes 8-8/9'],
  ])('gives %s as %j', async (range, body, contentRange) => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'some data')

    const answer = await api.call('alice', 'GET', `/v2/images/${id}/file`, { headers: { range } })

    expect([answer.statusCode, answer.body]).toEqual([206, body])
    expect(answer.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(body.length),
      'content-md5': digest('md5', 'some data'),
    })
  })

  it.each([
    [{ range: 'bytes=9-' }, 416],
    [{ range: 'bytes=9-5' }, 416],
    [{ range: 'bytes=0-1,3-4' }, 400],
    [{ 'content-range': 'bytes 5-99/9' }, 416],
  ])('refuses %j with %i', async (headers, status) => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'some data')

    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`, { headers })).statusCode).toBe(status)
  })

  it('answers 204 when there are no data', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(204)
  })

  it('is for members, and for those who see the image', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'data')

    expect((await api.call('rita', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(403)
    expect((await api.call('bob', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(404)
  })
})
