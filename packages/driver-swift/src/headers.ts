import { StoreError } from '@glance/core'
import type { Dispatcher } from 'undici'

type Headers = Dispatcher.ResponseData['headers']

/** One header of an answer, null when it is missing. @throws StoreError UNAVAILABLE when it came more than once */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name]
  if (Array.isArray(value)) throw new StoreError('UNAVAILABLE', `Swift sent the header ${name} twice`)
  return value === undefined ? null : value.trim()
}

/** The first byte, the last one and the whole length that a partial answer has, null when it does not say so. */
export function contentRangeOf(headers: Headers): { first: number; last: number; total: number } | null {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headerOf(headers, 'content-range') ?? '') ?? []
  return total === undefined ? null : { first: Number(first), last: Number(last), total: Number(total) }
}
