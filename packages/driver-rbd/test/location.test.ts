import { isStoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { formatLocation, locationPrefix, parseLocation, placeIn } from '../src/location.ts'

const fsid = '5a1f0e36-0e0e-4d2c-9a55-7c7f3c6f5f10'

function refusal(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return isStoreError(error) ? error.code : error
  }
  return null
}

describe('locations', () => {
  it('are written as Glance writes them', () => {
    expect(formatLocation(fsid, 'images', 'b6c1')).toBe(`rbd://${fsid}/images/b6c1/snap`)
  })

  it("quote what Python's quote quotes when nothing is safe", () => {
    // python3: urllib.parse.quote("a b/c!'()*~é", '')
    expect(locationPrefix('f', "a b/c!'()*~é")).toBe('rbd://f/a%20b%2Fc%21%27%28%29%2A~%C3%A9/')
  })

  it('are read back', () => {
    const cluster = { fsid: 'f', pool: "a b!'()*~é" }
    expect(parseLocation(formatLocation('f', cluster.pool, 'i.m_a-g'))).toEqual({
      cluster,
      image: 'i.m_a-g',
      snapshot: 'snap',
    })
  })

  it('have a short form, which is not decoded and means the own pool', () => {
    expect(placeIn('rbd://a%20b', fsid, 'images')).toEqual({ cluster: null, image: 'a%20b', snapshot: null })
  })

  it.each([
    'file:///srv/images/x',
    'rbd://',
    'rbd://f/images',
    'rbd://f/images/x',
    'rbd://f/images/x/',
    'rbd:///images/x/snap',
    'rbd://f/images/x/snap/y',
    'rbd://f/images/x%00y/snap',
    'rbd://f/images/x%2Fy/snap',
    'rbd://f/images/x%40y/snap',
    'rbd://f/images/x/snap%',
    'rbd://f/images/x/snap%ff',
  ])('are refused when malformed: %s', (location) => {
    expect(refusal(() => parseLocation(location))).toBe('INVALID_LOCATION')
  })

  it.each([`rbd://other/images/x/snap`, `rbd://${fsid}/volumes/x/snap`])(
    'are refused when they lead elsewhere: %s',
    (location) => {
      expect(refusal(() => placeIn(location, fsid, 'images'))).toBe('INVALID_LOCATION')
    },
  )
})
