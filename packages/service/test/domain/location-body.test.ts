import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { givenLocations, newLocation } from '../../src/domain/location-body.ts'
import { ServiceError } from '../../src/index.ts'
import { codeOf, refusalOf } from '../support/refusal.ts'
import { settings } from '../support/world.ts'

const url = 'http://host/x'
const hash = 'ab'.repeat(64)
const one = (value: unknown) => givenLocations([value], settings)

describe('givenLocations', () => {
  it('reads a location, its hashes in lower case, and passes over what it does not know', () => {
    const validation_data = { checksum: 'AB'.repeat(16), os_hash_algo: 'sha512', os_hash_value: hash.toUpperCase() }

    expect(one({ url, metadata: { a: ['b', { c: 'd' }] }, validation_data, extra: 1 })).toEqual([
      {
        url,
        metadata: { a: ['b', { c: 'd' }] },
        validation: { checksum: 'ab'.repeat(16), hashAlgorithm: 'sha512', hashValue: hash },
      },
    ])
  })

  it.each([
    [7, "7 is not of type 'object'"],
    [{}, '"url" is a required property'],
    [{ url }, '"metadata" is a required property'],
    [{ url: 7, metadata: {} }, "7 is not of type 'string'"],
    [{ url: 'x'.repeat(256), metadata: {} }, 'is too long'],
    [{ url, metadata: [] }, "is not of type 'object'"],
    [{ url, metadata: {}, validation_data: 7 }, "7 is not of type 'object'"],
    [{ url, metadata: {}, validation_data: { os_hash_algo: 'sha512' } }, '"os_hash_value" is a required property'],
    [{ url, metadata: {}, validation_data: { os_hash_algo: 'x', os_hash_value: 'y', z: 1 } }, '"z" was unexpected'],
    [{ url, metadata: {}, validation_data: { os_hash_algo: 'x', os_hash_value: 'y', checksum: 'z' } }, 'is too short'],
    [{ url, metadata: { n: 7 } }, 'strings, lists and objects only, not 7'],
    [{ url, metadata: { n: [null] } }, 'not null'],
    [{ url, metadata: { n: '😀' } }, 'Basic Multilingual Plane'],
    [{ url, metadata: { '😀': 'n' } }, 'Basic Multilingual Plane'],
    [{ url: 'http://host/😀', metadata: {} }, 'Basic Multilingual Plane'],
    [{ url, metadata: { n: 'x'.repeat(65_536) } }, 'over 65535 bytes'],
  ])('refuses %j: %s', async (value, words) => {
    expect(await refusalOf(() => one(value))).toEqual({ code: 'INVALID', message: expect.stringContaining(words) })
  })

  it('refuses metadata that are nested without end before it follows them', async () => {
    const deep = JSON.parse(`{"n":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)

    expect(await codeOf(() => one({ url, metadata: deep }))).toBe('INVALID')
  })

  it('makes locations or INVALID of any JSON', () => {
    const like = fc.record(
      {
        url: fc.oneof(fc.string(), fc.jsonValue()),
        metadata: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
        validation_data: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.oneof(like, fc.jsonValue())), fc.jsonValue()), (value) => {
        try {
          for (const location of givenLocations(value, settings)) {
            expect(typeof location.url).toBe('string')
            // What was taken goes into the database as JSON and comes back the same.
            expect(JSON.parse(JSON.stringify(location.metadata))).toEqual(location.metadata)
          }
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error
          expect(error.code).toBe('INVALID')
        }
      }),
    )
  })
})

describe('newLocation', () => {
  it.each<[unknown, unknown]>([
    [{ url }, null],
    [{ url, validation_data: {} }, null],
    ...(
      [
        ['md5', 32],
        ['sha1', 40],
        ['sha256', 64],
        ['sha512', 128],
      ] as const
    ).map(([algorithm, digits]): [unknown, unknown] => {
      const value = 'A'.repeat(digits)
      return [
        { url, validation_data: { os_hash_algo: algorithm, os_hash_value: value } },
        { checksum: null, hashAlgorithm: algorithm, hashValue: value.toLowerCase() },
      ]
    }),
  ])('takes %j', (body, validation) => {
    expect(newLocation(body)).toEqual({ url, metadata: {}, validation })
  })

  it.each([
    [[], "is not of type 'object'"],
    [{}, '"url" is a required property'],
    [{ url: 7 }, 'not of type'],
    [{ url, metadata: {} }, '"metadata" was unexpected'],
    [{ url, validation_data: { os_hash_algo: 'sha256' } }, '"os_hash_value" is a required property'],
    [{ url, validation_data: { os_hash_value: hash } }, '"os_hash_algo" is a required property'],
    [{ url, validation_data: { os_hash_algo: 'sha384', os_hash_value: hash } }, 'is not one of'],
    [{ url, validation_data: { os_hash_algo: 'sha256', os_hash_value: hash } }, 'must be 64 hexadecimal digits'],
    [{ url, validation_data: { os_hash_algo: 'sha512', os_hash_value: 'zz'.repeat(64) } }, 'not a valid hexadecimal'],
    [
      { url, validation_data: { os_hash_algo: 'md5', os_hash_value: 'ab', checksum: 'x' } },
      '"checksum" was unexpected',
    ],
    [{ url, validation_data: null }, "not of type 'object'"],
  ])('refuses %j: %s', async (body, words) => {
    expect(await refusalOf(() => newLocation(body))).toEqual({
      code: 'INVALID',
      message: expect.stringContaining(words),
    })
  })

  it('makes a location or INVALID of any JSON', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.record({ url: fc.string(), validation_data: fc.jsonValue() }), fc.jsonValue()),
        (body) => {
          try {
            expect(newLocation(body).url).toEqual(expect.any(String))
          } catch (error) {
            if (!(error instanceof ServiceError)) throw error
            expect(error.code).toBe('INVALID')
          }
        },
      ),
    )
  })
})
