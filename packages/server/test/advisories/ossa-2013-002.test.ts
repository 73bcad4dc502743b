/**
 * OSSA-2013-002 (CVE-2013-0212) and its relatives (LP 860862, LP 2127798): credentials in locations came out in error texts, in answers and in the database.
 */
import { defineDriver, optionTable, Store, StoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'
import { openLocations } from '../support/location-attempts.ts'

const secret = 'pa55w0rd/with/slashes'

/** A store as Glance's S3 once was: its locations held its keys. It fails in the words of a careless backend. */
function oldS3(broken: boolean): Promise<Store> {
  const canonical = (url: string): string => url.replace(/^(s3:\/\/).*@/, '$1')
  const fail = async (): Promise<never> => {
    throw new StoreError('UNAVAILABLE', `cannot reach s3://key:${secret}@s3.example.com`)
  }
  const definition = defineDriver({
    name: 's3',
    schemes: ['s3'],
    options: optionTable({}),
    open: async () => ({
      capabilities: { add: false, delete: true, randomRead: true, setAcls: false, maxImageBytes: null },
      locationPrefixes: ['s3://s3.example.com/'],
      canonicalLocation: canonical,
      add: fail,
      get: fail,
      getSize: broken ? fail : async () => 4,
      delete: fail,
      close: async () => {},
    }),
  })
  return Store.open(definition, {}, { id: 'objects' })
}

const old = (path: string) => ({
  url: `s3://key:${secret}@s3.example.com/bucket/${path}`,
  metadata: {},
  status: 'active' as const,
})

describe('OSSA-2013-002', () => {
  it('credentials in records of older services are shown to nobody, and leave the record when it is looked up', async () => {
    await using api = await openApi({ options: openLocations, stores: ['fast'], more: [await oldS3(false)] })
    const { id } = await api.create('alice')
    await api.deps.images.change(id, new Date(), () => ({ status: 'active', size: 4, locations: [old('a')] }))

    const list = await api.call('alice', 'GET', '/v2/images')
    const image = await api.call('alice', 'GET', `/v2/images/${id}`)
    const locations = await api.call('admin', 'GET', `/v2/images/${id}/locations`)

    const clean = 's3://s3.example.com/bucket/a'
    for (const answer of [list, image, locations]) {
      expect(answer.body).toContain(clean)
      expect(answer.body).not.toContain('pa55w0rd')
    }
    expect(image.json()).toMatchObject({ stores: 'objects', direct_url: clean })
    expect((await api.deps.images.find(id, null))?.image.locations).toEqual([
      { url: clean, metadata: { store: 'objects' }, status: 'active' },
    ])
  })

  it('a location that a user gave with a password is shown without', async () => {
    await using api = await openApi({ options: openLocations })
    const { id } = await api.create('alice')
    const url = `http://user:${encodeURIComponent(secret)}@example.com/x`
    await api.deps.images.change(id, new Date(), () => ({
      status: 'active',
      locations: [{ url, metadata: {}, status: 'active' }],
    }))

    for (const path of ['', '/locations'])
      expect((await api.call('admin', 'GET', `/v2/images/${id}${path}`)).body).not.toContain('pa55w0rd')
  })

  it('no answer to a failure of the store holds its address or its keys', async () => {
    await using api = await openApi({ options: openLocations, stores: ['fast', 'cold'], more: [await oldS3(true)] })
    const { id } = await api.create('alice')
    await api.deps.images.change(id, new Date(), () => ({ status: 'active', size: 4, locations: [old('a'), old('b')] }))
    const value = { url: old('c').url, metadata: {} }

    const answers = [
      await api.call('admin', 'GET', `/v2/images/${id}/file`),
      await api.patch('admin', id, [{ op: 'add', path: '/locations/-', value }]),
      await api.patch('admin', id, [{ op: 'replace', path: '/locations', value: [value] }]),
      await api.patch('admin', id, [{ op: 'remove', path: '/locations/0' }]),
      await api.call('admin', 'DELETE', `/v2/stores/objects/${id}`),
      await api.call('admin', 'DELETE', `/v2/images/${id}`),
    ]

    for (const { statusCode, body } of answers) {
      expect([400, 403, 409, 503]).toContain(statusCode)
      expect(body).not.toMatch(/pa55w0rd|example\.com|bucket/)
    }
  })
})
