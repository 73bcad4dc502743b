import { StoreError } from '@glance/core'
import type { Dispatcher } from 'undici'
import { failureOfStatus } from './errors.ts'
import { contentLengthOf, contentRangeOf } from './headers.ts'

/** The bytes a reader wants. */
export interface Wanted {
  readonly offset: number
  /** Null for all up to the end. */
  readonly length: number | null
}

/** What to do with the body of an answer so that the reader gets what it wants. */
export interface Portion {
  /** Bytes to drop at the beginning. */
  readonly skip: number
  /** Bytes to hand out after that, at most; null for all. */
  readonly take: number | null
  /** Bytes that the body has in all, null when the origin did not say. */
  readonly total: number | null
}

/** Nothing is wanted, or nothing is there. */
const nothing: Portion = { skip: 0, take: 0, total: null }

/** The Range header for some bytes, null when all are wanted. HTTP cannot ask for none, so that asks for one. */
export function rangeHeader({ offset, length }: Wanted): string | null {
  if (offset === 0 && length === null) return null
  return length === null ? `bytes=${offset}-` : `bytes=${offset}-${offset + Math.max(length, 1) - 1}`
}

/**
 * How an answer to a GET serves what is wanted.
 *
 * Origins may ignore Range and send everything (200): then the rest is skipped here. A partial answer (206) must be exactly the range that
 * was asked for. 416 is the end of the data when the origin says where that is.
 *
 * @param ranged - whether the request had a Range header
 * @returns null when the origin refused the range without saying why: the caller asks again without one
 * @throws StoreError by the status; UNAVAILABLE when a partial answer is not what was asked for
 */
export function portionOf(
  response: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
  wanted: Wanted,
  ranged: boolean,
  what: string,
): Portion | null {
  const { statusCode, headers } = response
  if (statusCode === 200) return portionOfWhole(contentLengthOf(headers), wanted)
  if (statusCode === 206 && ranged) return portionOfRange(headers, wanted, what)
  if (statusCode === 416 && ranged) {
    const range = contentRangeOf(headers)
    const end = range?.sent === null ? range.total : null
    return end !== null && end <= wanted.offset ? nothing : null
  }
  if (statusCode === 206) throw new StoreError('UNAVAILABLE', `${what}: the origin sent a part instead of the whole`)
  const { code, words } = failureOfStatus(statusCode)
  throw new StoreError(code, `${what}: ${words}`)
}

/** Exactly the bytes that a portion gives, null when that shows only at the end. */
export function sizeOf({ skip, take, total }: Portion): number | null {
  if (take === 0) return 0
  if (total === null) return null
  return Math.min(take ?? Number.POSITIVE_INFINITY, total - skip)
}

function portionOfWhole(total: number | null, { offset, length }: Wanted): Portion {
  if (length === 0 || (total !== null && offset >= total)) return nothing
  return { skip: offset, take: length, total }
}

function portionOfRange(headers: Dispatcher.ResponseData['headers'], wanted: Wanted, what: string): Portion {
  const range = contentRangeOf(headers)
  const length = contentLengthOf(headers)
  const end = wanted.length === null ? Number.POSITIVE_INFINITY : wanted.offset + Math.max(wanted.length, 1) - 1
  const sent = range?.sent ?? null
  if (range === null || sent === null) throw wrongRange(what)
  // An origin that does not know the whole length may stop only where it was asked to; else the part could be short unseen.
  const last = range.total === null ? end : Math.min(end, range.total - 1)
  const bytes = sent.last - sent.first + 1
  if (sent.first !== wanted.offset || sent.last !== last || (length !== null && length !== bytes))
    throw wrongRange(what)
  return { skip: 0, take: wanted.length === 0 ? 0 : null, total: bytes }
}

function wrongRange(what: string): StoreError {
  return new StoreError('UNAVAILABLE', `${what}: the origin sent another range than was asked for`)
}
