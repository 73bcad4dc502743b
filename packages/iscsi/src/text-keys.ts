/** Text of login and text PDUs: `key=value`, each ended by a zero byte (RFC 7143, 6.1). */
import { IscsiError } from './errors.ts'

/** A key with its value. A key may come several times in answers to SendTargets. */
export type TextKey = readonly [key: string, value: string]

/** Keys as bytes. */
export function formatKeys(keys: readonly TextKey[]): Buffer {
  return Buffer.from(keys.map(([key, value]) => `${key}=${value}\0`).join(''), 'utf8')
}

/** Bytes as keys. @throws IscsiError PROTOCOL */
export function parseKeys(data: Uint8Array): readonly TextKey[] {
  const pairs = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8').split('\0')
  return pairs.flatMap((pair) => {
    // Some targets pad with more zeros than the length says.
    if (pair === '') return []
    const equals = pair.indexOf('=')
    if (equals < 1) throw new IscsiError('PROTOCOL', 'the target sent text that is not key=value')
    return [[pair.slice(0, equals), pair.slice(equals + 1)] as const]
  })
}

/** Longest binary value that means something here: a CHAP challenge has at most 1024 bytes. */
const longestBinary = 1024

/** A binary value, `0x…` or `0b…` (base64), as bytes. @throws IscsiError PROTOCOL */
export function parseBinary(key: string, value: string): Buffer {
  const digits = value.slice(2)
  const hex = /^0x(?:[0-9a-f]{2})*$/i.test(value) ? Buffer.from(digits, 'hex') : null
  const bytes = hex ?? (/^0b[A-Za-z0-9+/]*={0,2}$/.test(value) ? Buffer.from(digits, 'base64') : null)
  if (bytes === null || bytes.length === 0 || bytes.length > longestBinary)
    throw new IscsiError('PROTOCOL', `the target sent ${key} as something that is not a binary value`)
  return bytes
}

/** Bytes as a binary value. */
export function formatBinary(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
