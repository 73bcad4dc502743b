import { describe, expect, it } from 'vitest'
import { nameOf } from '../src/app-instance.ts'
import { ApiError, failureOf } from '../src/errors.ts'
import { GrowingVolume, gib } from '../src/image-io.ts'
import datera from '../src/index.ts'
import { imageIdAt, locationPrefix } from '../src/location.ts'
import { tenantOf } from '../src/options.ts'
import { withPort } from '../src/volume-session.ts'

const own = { hosts: ['10.0.0.1', 'san.example.org', 'fd00::1'], port: 7718 }

describe('locations', () => {
  it.each([
    'datera://10.0.0.1:7718/app_instances/71c675ab',
    'datera://10.0.0.1:7718/app_instances/OS-71c675ab',
    'datera://san.example.org:7717/app_instances/OS-IMAGE-71c675ab',
    'datera://[fd00::1]:7718/app_instances/71c675ab',
  ])('of every release are read: %s', (location) => {
    expect(imageIdAt(location, own)).toBe('71c675ab')
  })

  it.each([
    'datera://10.0.0.1:7718/app_instances/',
    'datera://10.0.0.1:7718/app_instances/a/b',
    'datera://10.0.0.1:7718/app_instances/..',
    'datera://10.0.0.1/app_instances/a',
    'datera://user:pw@10.0.0.1:7718/app_instances/a',
    'datera://10.0.0.1:7718/volumes/a',
    'http://10.0.0.1:7718/app_instances/a',
    'datera://10.0.0.2:7718/app_instances/a',
    'datera://10.0.0.1:9/app_instances/a',
  ])('of others, or of nothing, are refused: %s', (location) => {
    expect(() => imageIdAt(location, own)).toThrow(expect.objectContaining({ code: 'INVALID_LOCATION' }))
  })

  it('begin with the system that was configured', () => {
    expect(locationPrefix('10.0.0.1', 7718)).toBe('datera://10.0.0.1:7718/app_instances/')
    expect(locationPrefix('fd00::1', 7718)).toBe('datera://[fd00::1]:7718/app_instances/')
  })
})

describe('nameOf', () => {
  it('is the id where it fits, else the beginning of its SHA-256', () => {
    expect(nameOf('71c675ab-d94f-49cd-a114-e12490b328d9')).toBe('OS-IMAGE-71c675ab-d94f-49cd-a114-e12490b328d9')
    expect(nameOf('a'.repeat(255))).toMatch(/^OS-IMAGE-[0-9a-f]{55}$/)
    expect(nameOf('a'.repeat(255))).not.toBe(nameOf('a'.repeat(254)))
  })
})

describe('tenantOf', () => {
  it.each([
    ['root', '/root'],
    ['/root', '/root'],
    ['/root/', '/root'],
    ['/root/images', '/root/images'],
    ['root/images', '/root/images'],
    ['images', '/root/images'],
    ['rooted', '/root/rooted'],
  ])('makes of %s %s', (tenantId, expected) => {
    expect(tenantOf({ tenantId })).toBe(expected)
  })
})

describe('withPort', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1:3260'],
    ['10.0.0.1:13260', '10.0.0.1:13260'],
    ['fd00::1', '[fd00::1]:3260'],
    ['[fd00::1]:1', '[fd00::1]:1'],
  ])('makes of %s %s', (address, expected) => {
    expect(withPort(address, 3260)).toBe(expected)
  })
})

describe('failureOf', () => {
  it.each([
    [401, '', 'FORBIDDEN'],
    [403, '', 'FORBIDDEN'],
    [404, '', 'NOT_FOUND'],
    [409, '', 'ALREADY_EXISTS'],
    [422, 'unknown property', 'UNKNOWN'],
    [422, 'Insufficient capacity', 'STORE_FULL'],
    [500, 'not enough space', 'STORE_FULL'],
    [500, 'broken', 'UNAVAILABLE'],
    [503, '', 'UNAVAILABLE'],
  ])('makes %i %j %s', (status, message, code) => {
    expect(failureOf(new ApiError(status, '', message)).code).toBe(code)
  })
})

describe('GrowingVolume', () => {
  it('grows once for all that wait, by doubling up to 64 GiB', async () => {
    const sizes: number[] = []
    const volume = new GrowingVolume(1, 1, async (size) => void sizes.push(size))

    await Promise.all([volume.ensure(gib), volume.ensure(gib + 1), volume.ensure(gib + 512)])
    expect(sizes).toEqual([2])
    await volume.ensure(100 * gib)
    await volume.ensure(101 * gib)
    await volume.ensure(180 * gib)

    expect(sizes).toEqual([2, 100, 164, 228])
  })
})

describe('the definition', () => {
  it('has the names that Glance’s files use', () => {
    expect([datera.name, ...datera.aliases, ...datera.schemes]).toEqual([
      'datera',
      'glance.store.datera.Store',
      'glance_store._drivers.datera.Store',
      'datera',
    ])
  })
})
