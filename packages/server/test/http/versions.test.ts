import { describe, expect, it } from 'vitest'
import { listedVersions, negotiate } from '../../src/http/versions.ts'

const single = { multiStore: false, cache: false }
const multi = { multiStore: true, cache: false }

/** Ids and the current one, as `v2.17* v2.16 …`. */
const shown = (settings: typeof single): string =>
  listedVersions(settings)
    .map(({ id, status }) => (status === 'CURRENT' ? `${id}*` : id))
    .join(' ')

describe('versions of the API', () => {
  it.each([
    [single, 'v2.15 v2.9 v2.17* v2.7 v2.6 v2.5 v2.4 v2.3 v2.2 v2.1 v2.0'],
    [multi, 'v2.15 v2.13 v2.12 v2.11 v2.10 v2.9 v2.8 v2.17* v2.7 v2.6 v2.5 v2.4 v2.3 v2.2 v2.1 v2.0'],
    [{ multiStore: false, cache: true }, 'v2.18* v2.17 v2.16 v2.15 v2.14 v2.9 v2.7 v2.6 v2.5 v2.4 v2.3 v2.2 v2.1 v2.0'],
  ])('are listed for %j in Glance’s order', (settings, ids) => {
    expect(shown(settings)).toBe(ids)
  })

  it.each([
    ['/v2/images?limit=1', undefined, single, '/v2/images?limit=1'],
    ['/v2.3/images', undefined, single, '/v2/images'],
    ['/v2.17/images', undefined, single, '/v2/images'],
    ['/v2.13/images', undefined, multi, '/v2/images'],
    ['/images', 'application/vnd.openstack.images-v2.2', single, '/v2/images'],
    ['/versions', undefined, single, '/versions'],
    ['/healthcheck', undefined, single, '/healthcheck'],
  ])('%s (Accept %s) leads to the API', (url, accept, settings, expected) => {
    expect(negotiate(url, accept, settings)).toMatchObject({ url: expected })
  })

  it.each([
    ['/', undefined, single],
    ['/v1/images', undefined, single],
    ['/v3', undefined, single],
    ['/v2.13/images', undefined, single],
    ['/v2.99/images', undefined, single],
    ['//v2/images', undefined, single],
    ['/images', 'application/vnd.openstack.images-v9', single],
  ])('%s (Accept %s) is an unknown version', (url, accept, settings) => {
    expect(negotiate(url, accept, settings)).toEqual({ kind: 'unknown version' })
  })
})
