import { getHashes } from 'node:crypto'

/** Names of Python's hashlib, which Glance stores, where OpenSSL spells them differently. */
const spelling: Readonly<Record<string, string>> = {
  sha3_224: 'sha3-224',
  sha3_256: 'sha3-256',
  sha3_384: 'sha3-384',
  sha3_512: 'sha3-512',
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
}

const available: ReadonlySet<string> = new Set(getHashes())

/** The name under which this runtime knows a hash algorithm of hashlib, or null when it does not. */
export function hashName(algorithm: string): string | null {
  const name = spelling[algorithm] ?? algorithm
  return /^[a-z0-9-]+$/.test(name) && available.has(name) ? name : null
}
