import type { ByteRange } from '@glance/service'
import { HttpError, standardWords } from './http-error.ts'

/**
 * Reads `Range: bytes=a-b`, `a-` or `-n`; for old clients also a `Content-Range: bytes a-b/size` in the request.
 *
 * @returns null when neither header is there
 * @throws HttpError 400 for several ranges, 416 for a malformed one
 */
export function parseRange(range: string | undefined, contentRange: string | undefined): ByteRange | null {
  if (range !== undefined) return fromRange(range)
  if (contentRange === undefined) return null
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(contentRange.trim())
  const [first, last] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || last < first || (match[3] !== '*' && last >= Number(match[3]))) throw notSatisfiable('Content-Range')
  return { kind: 'from', first, last }
}

function fromRange(text: string): ByteRange {
  const match = /^bytes\s*=\s*(.*)$/i.exec(text.trim())
  if (match?.[1]?.includes(','))
    throw new HttpError(
      400,
      'Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests instead.',
    )
  const [, first = '', last = ''] = /^(\d{0,15})-(\d{0,15})$/.exec(match?.[1]?.trim() ?? '') ?? []
  if (first === '' && last === '') throw notSatisfiable('Range')
  if (first === '') return { kind: 'suffix', length: Number(last) }
  if (last !== '' && Number(last) < Number(first)) throw notSatisfiable('Range')
  return { kind: 'from', first: Number(first), last: last === '' ? null : Number(last) }
}

function notSatisfiable(header: string): HttpError {
  return new HttpError(416, standardWords[416], { detail: `Invalid ${header} header.` })
}
