import { describe, expect, it } from 'vitest'
import { formatLocation, parseLocation, placeOf } from '../src/location.ts'

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'fine'
}

describe('a location', () => {
  it.each([
    ['/srv/images/one', 'file:///srv/images/one'],
    ['/srv/a b/one', 'file:///srv/a%20b/one'],
    ['/srv/100%/one', 'file:///srv/100%25/one'],
    ['/srv/what?#/one', 'file:///srv/what%3F%23/one'],
    ['/srv/größe/one', 'file:///srv/gr%C3%B6%C3%9Fe/one'],
    ['/srv/a+b:c@d/one', 'file:///srv/a+b:c@d/one'],
  ])('of %s is %s, and read back', (path, location) => {
    expect(formatLocation(path)).toBe(location)
    expect(parseLocation(location)).toBe(path)
  })

  it.each([
    ['file:///srv//images/one', '/srv/images/one'],
    ['FILE:///srv/images/one', '/srv/images/one'],
    ['filesystem:///srv/images/one', '/srv/images/one'],
    ['file:///srv/größe/one', '/srv/größe/one'],
  ])('%s, as Glance may have written it, is read', (location, path) => {
    expect(parseLocation(location)).toBe(path)
  })

  it.each([
    'file://host/srv/images/one',
    'file://localhost/srv/images/one',
    'file:///srv/images/one?x',
    'file:///srv/images/one#x',
    'file:///srv/images/',
    'file:///',
    'file://',
    'file:/srv/images/one',
    'file:///srv/images/../one',
    'file:///srv/images/./one',
    'file:///srv/images/%2e%2e/one',
    'file:///srv/images/%2E./one',
    'file:///srv/images/..',
    'file:///srv/images%2fone',
    'file:///srv/images/a%5cb',
    'file:///srv/%5c/one',
    'file:///srv\\images/one',
    'file:///srv/images/one%00',
    'file:///srv/images/one%',
    'file:///srv/images/one%ff',
    'file:///srv/images/.add~one~host~boot~1~2~3~4',
    'file:///srv/images/.glance-store',
    'http://srv/images/one',
    'no location',
  ])('%s is refused', (location) => {
    expect(codeOf(() => parseLocation(location))).toBe('INVALID_LOCATION')
  })
})

describe('placeOf', () => {
  const outer = { path: '/srv/images', real: '/mnt/disk' }
  const inner = { path: '/srv/images/fast', real: '/mnt/ssd' }

  it('finds the directory under its configured and its real name, and gives the real path', () => {
    expect(placeOf('file:///srv/images/one', [outer, inner])).toEqual({ directory: outer, path: '/mnt/disk/one' })
    expect(placeOf('file:///mnt/disk/a/one', [outer, inner])).toEqual({ directory: outer, path: '/mnt/disk/a/one' })
  })

  it('takes the inner one of nested directories', () => {
    expect(placeOf('file:///srv/images/fast/one', [outer, inner])).toEqual({ directory: inner, path: '/mnt/ssd/one' })
  })

  it.each(['file:///srv/images2/one', 'file:///srv/one', 'file:///srv/images', 'file:///etc/passwd'])(
    'refuses %s',
    (location) => {
      expect(codeOf(() => placeOf(location, [outer, inner]))).toBe('INVALID_LOCATION')
    },
  )

  it('takes the root of the file system for a directory', () => {
    const root = { path: '/', real: '/' }

    expect(placeOf('file:///srv/one', [root])).toEqual({ directory: root, path: '/srv/one' })
  })
})
