import { ServiceError } from '../../domain/errors.ts'

/** A part of image data as a client asks for it (RFC 9110, section 14.1.2), in bytes. */
export type ByteRange =
  /** `last` is included; null for all up to the end. */
  | { readonly kind: 'from'; readonly first: number; readonly last: number | null }
  /** The last `length` bytes. */
  | { readonly kind: 'suffix'; readonly length: number }

/** A part of data whose size is known. */
export interface BytePart {
  readonly offset: number
  /** At least 1. */
  readonly length: number
}

/**
 * The bytes that a range means in data of this size: cut at the end; a suffix longer than the data is all of them.
 *
 * @throws ServiceError RANGE when it holds not one byte
 */
export function resolveRange(range: ByteRange, size: number): BytePart {
  const offset = range.kind === 'suffix' ? Math.max(0, size - range.length) : range.first
  const end = range.kind === 'from' && range.last !== null ? Math.min(range.last + 1, size) : size
  if (offset >= end)
    throw new ServiceError(
      'RANGE',
      `Invalid start position in Range header. Start position MUST be in the inclusive range [0, ${size - 1}].`,
    )
  return { offset, length: end - offset }
}
