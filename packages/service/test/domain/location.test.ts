import { StoreSet } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { shownUrl, tidied } from '../../src/domain/location.ts'
import type { ImageLocation } from '../../src/index.ts'
import { scriptedStore, storeSetOf } from '../support/scripted-store.ts'

const location = (url: string, metadata: ImageLocation['metadata'] = {}): ImageLocation => ({
  url,
  metadata,
  status: 'active',
})

const withoutUser = (url: string): string => url.replace(/\/\/.*@/, '//')
const stores = storeSetOf(
  await scriptedStore('a', { canonicalLocation: withoutUser }),
  await scriptedStore('b', { canonicalLocation: withoutUser }),
)
const several = { stores, settings: { multiStore: true } }
const single = { stores, settings: { multiStore: false } }

describe('tidied', () => {
  it.each([
    ['names the store by the prefix', location('scripted://b/x'), location('scripted://b/x', { store: 'b' })],
    [
      'names another for one that is gone',
      location('scripted://b/x', { store: 'old' }),
      location('scripted://b/x', { store: 'b' }),
    ],
    [
      'believes a store that is there',
      location('scripted://b/x', { store: 'a' }),
      location('scripted://b/x', { store: 'a' }),
    ],
    [
      'takes credentials out',
      location('scripted://u:s/e@b/x', { store: 'b' }),
      location('scripted://b/x', { store: 'b' }),
    ],
    [
      'finds the store of a location with credentials',
      location('scripted://u:s/e@b/x'),
      location('scripted://b/x', { store: 'b' }),
    ],
    [
      'keeps what else is known',
      location('scripted://b/x', { k: ['v'] }),
      location('scripted://b/x', { k: ['v'], store: 'b' }),
    ],
    [
      'leaves what it does not know',
      location('other://b/x', { store: 'old' }),
      location('other://b/x', { store: 'old' }),
    ],
  ])('%s', (_what, given, expected) => {
    expect(tidied(given, several)).toEqual(expected)
  })

  it('names no store where there is only one to name', () => {
    expect(tidied(location('scripted://u:p@b/x'), single)).toEqual(location('scripted://b/x'))
  })

  it('is the very same object when nothing is to be done, and changes nothing the second time', () => {
    const given = location('scripted://u:p@b/x')
    const once = tidied(given, several)

    expect(once).not.toBe(given)
    expect(tidied(once, several)).toBe(once)
  })

  it('never names a store of the service itself', async () => {
    const staging = (await scriptedStore('os_glance_staging_store')).store
    const set = new StoreSet({ stores: [...stores.all, staging], defaultId: 'a' })
    const given = location('scripted://os_glance_staging_store/x', { store: 'os_glance_staging_store' })

    expect(tidied(given, { stores: set, settings: { multiStore: true } })).toBe(given)
  })
})

describe('shownUrl', () => {
  it.each([
    ['http://host/path', 'http://host/path'],
    ['http://user:password@host/path', 'http://host/path'],
    ['HTTPS://user@host', 'HTTPS://host'],
    ['http://host/icon@2x.img?mail=a@b#c@d', 'http://host/icon@2x.img?mail=a@b#c@d'],
    ['s3://key:secret@host/bucket/x', 's3://host/bucket/x'],
    ['s3+https://key:sec/ret@host/bucket/x', 's3+https://host/bucket/x'],
    ['swift+https://account%3Auser:p%40ss@auth/v3/c/x', 'swift+https://auth/v3/c/x'],
    ['rbd://fsid/pool/image/snap', 'rbd://fsid/pool/image/snap'],
    ['file:///srv/images/x', 'file:///srv/images/x'],
    ['no uri', 'no uri'],
  ])('%s → %s', (url, expected) => {
    expect(shownUrl(url)).toBe(expected)
  })
})
