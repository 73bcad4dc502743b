import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashName } from '../../src/streams/hash-algorithms.ts'

describe('hashName', () => {
  it.each([
    'md5',
    'sha1',
    'sha224',
    'sha256',
    'sha384',
    'sha512',
    'sha3_224',
    'sha3_256',
    'sha3_384',
    'sha3_512',
    'blake2b',
    'blake2s',
  ])('knows %s of hashlib', (algorithm) => {
    expect(createHash(hashName(algorithm) ?? '').digest('hex')).toMatch(/^[0-9a-f]+$/)
  })

  it.each(['sha513', '', 'SHA256', 'RSA-SHA256', '__proto__', 'constructor', 'sha256\n'])(
    'does not know %j',
    (name) => {
      expect(hashName(name)).toBeNull()
    },
  )
})
