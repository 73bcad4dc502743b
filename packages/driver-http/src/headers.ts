import { StoreError } from '@glance/core'
import type { Dispatcher } from 'undici'

type Headers = Dispatcher.ResponseData['headers']

/**
 * One header of an answer, null when it is missing.
 *
 * @throws StoreError UNAVAILABLE when it came more than once: two values for a length or a range cannot both be right
 */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name]
  if (Array.isArray(value)) throw new StoreError('UNAVAILABLE', `the origin sent the header ${name} twice`)
  return value === undefined ? null : value.trim()
}

/** The announced length of a body in bytes, null when there is none. @throws StoreError UNAVAILABLE when it is no number of bytes */
export function contentLengthOf(headers: Headers): number | null {
  const text = headerOf(headers, 'content-length')
  return text === null ? null : bytesFrom(text, 'content-length')
}

/** What a Content-Range header says: the bytes sent (both ends included, null for none) and the whole length, null for `*`. */
export interface ContentRange {
  readonly sent: { readonly first: number; readonly last: number } | null
  readonly total: number | null
}

/** Reads a Content-Range header (RFC 9110, 14.4), null when it is missing. @throws StoreError UNAVAILABLE when it is malformed */
export function contentRangeOf(headers: Headers): ContentRange | null {
  const text = headerOf(headers, 'content-range')
  if (text === null) return null
  const match = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(text)
  if (!match) throw new StoreError('UNAVAILABLE', 'the origin sent a malformed content-range')
  const [, first, last, total] = match
  const number = (digits: string): number => bytesFrom(digits, 'content-range')
  return {
    sent: first === undefined || last === undefined ? null : { first: number(first), last: number(last) },
    total: total === undefined || total === '*' ? null : number(total),
  }
}

/**
 * Makes sure that the body is the data itself.
 *
 * The request said `Accept-Encoding: identity`; an origin that encodes all the same would have us store or hash something that no other
 * client of the location gets.
 *
 * @throws StoreError INVALID_LOCATION
 */
export function assertPlainBody(headers: Headers, what: string): void {
  const encoding = headerOf(headers, 'content-encoding')?.toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity')
    throw new StoreError('INVALID_LOCATION', `${what}: the origin sends the data in a content encoding`)
  const transfer = headerOf(headers, 'transfer-encoding')?.toLowerCase() ?? ''
  if (transfer !== '' && transfer !== 'identity' && transfer !== 'chunked')
    throw new StoreError('INVALID_LOCATION', `${what}: the origin sends the data in a transfer encoding`)
}

function bytesFrom(text: string, name: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new StoreError('UNAVAILABLE', `the origin sent a malformed ${name}`)
  return value
}
