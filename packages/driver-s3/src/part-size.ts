/**
 * How image data are cut into parts.
 *
 * A multipart upload takes 10,000 parts of 5 MiB to 5 GiB each, the last one less (S3 User Guide, "Multipart upload limits"). Parts that are larger than the
 * preferred size are sent fewer at a time, so that an upload needs no more memory: `(parallel + 1) × preferred` bytes, or two parts if that is more.
 */

const mebibyte = 1024 ** 2

/** Largest part. */
const maxPartSize = 5 * 1024 ** 3

/** Most parts of an upload. */
const maxParts = 10_000

/** Largest image: 5 TiB. */
export const maxImageBytes: number = 5 * 1024 ** 4

/** What decides about a plan. */
export interface PartSettings {
  /** Size of a part in bytes, unless there would be too many. */
  readonly preferred: number
  /** Parts of that size under way at the same time. */
  readonly parallel: number
  /** Images below so many bytes go in one request. */
  readonly singleBelow: number
}

/** How one image is cut. */
export interface PartPlan {
  /** Bytes of a part by its number, from 1. */
  readonly sizeOf: (number: number) => number
  /** Parts under way at the same time, by the number of the next one. */
  readonly parallelOf: (number: number) => number
}

/**
 * Plans the parts of an image. `size` is in bytes, null when unknown: then parts double after every thousand, which lets small images have small parts and
 * still leaves room for 5 TiB.
 */
export function planParts(size: number | null, { preferred, parallel, singleBelow }: PartSettings): PartPlan {
  const memory = (parallel + 1) * preferred
  const planOf = (sizeOf: (number: number) => number): PartPlan => ({
    sizeOf,
    parallelOf: (number) => Math.max(1, Math.min(parallel, Math.floor(memory / sizeOf(number)) - 1)),
  })
  if (size === null) return planOf((number) => Math.min(maxPartSize, preferred * 2 ** Math.floor((number - 1) / 1000)))
  if (size < singleBelow && size <= memory) return planOf(() => Math.max(1, size))
  const least = Math.ceil(size / maxParts / mebibyte) * mebibyte
  return planOf(() => Math.max(preferred, least))
}

/** Ranges of at most `longest` bytes that together are `size` bytes, for copies within the backend. `longest` grows when they would be too many. */
export function rangesOf(size: number, longest: number): readonly { readonly first: number; readonly last: number }[] {
  const length = Math.max(longest, Math.ceil(size / maxParts))
  return Array.from({ length: Math.ceil(size / length) }, (_, index) => ({
    first: index * length,
    last: Math.min(size, (index + 1) * length) - 1,
  }))
}
