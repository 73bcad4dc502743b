import { describe, expect, it } from 'vitest'
import { formatReference, formatStorage, parseLocation } from '../src/location.ts'

const place = { container: 'glance', object: 'image' }

describe('parseLocation', () => {
  it.each([
    ['swift+config://ref1/glance/image', { kind: 'reference', reference: 'ref1' }],
    [
      'swift://project%3Auser:key@host:5000/v3/glance/image',
      { kind: 'auth', user: 'project:user', authAddress: 'https://host:5000/v3' },
    ],
    [
      'swift+https://project:user:key@host/v3/glance/image',
      { kind: 'auth', user: 'project:user', authAddress: 'https://host/v3' },
    ],
    [
      'swift+http://a%3Au:k%40e%2Fy/@host/auth/v1.0/glance/image',
      { kind: 'auth', user: 'a:u', authAddress: 'http://host/auth/v1.0' },
    ],
    [
      'swift+https://host/v1/AUTH_project/glance/image',
      { kind: 'storage', storageUrl: 'https://host/v1/AUTH_project' },
    ],
  ])('reads %s', (location, expected) => {
    expect(parseLocation(location)).toEqual({ ...place, ...expected })
  })

  it.each([
    'swift://user:hidden@http://host/v1/glance/image',
    'swift+https://hidden@host/v3/glance/image',
    'swift+https://user:@host/v3/glance/image',
    'swift+config://user:hidden@ref1/glance/image',
    'swift+config://ref1/more/glance/image',
    'swift+config://ref1/glance/',
    'swift+config://ref1/../image',
    'swift+config://ref1/glance/image?hidden',
    'swift+config://ref1/glance/ima%67e',
    'swift+https://user:hidden%zz@host/v3/glance/image',
    'file:///glance/image',
    'swift',
  ])('refuses %s and shows nothing of it', (location) => {
    expect(() => parseLocation(location)).toThrow(expect.objectContaining({ code: 'INVALID_LOCATION' }))
    expect(() => parseLocation(location)).not.toThrow('hidden')
  })
})

describe('the locations that are written', () => {
  it('are read again', () => {
    const [first, second] = [formatReference('ref1', place), formatStorage('https://host/v1/AUTH_a/', place)]

    expect(parseLocation(first)).toEqual({ ...place, kind: 'reference', reference: 'ref1' })
    expect(second).toBe('swift+https://host/v1/AUTH_a/glance/image')
    expect(parseLocation(second)).toEqual({ ...place, kind: 'storage', storageUrl: 'https://host/v1/AUTH_a' })
  })
})
