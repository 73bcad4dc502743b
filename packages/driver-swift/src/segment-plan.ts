/** What bounds the segments of an image; sizes in bytes. */
export interface SegmentLimits {
  /** Largest segment that the operator wants. */
  readonly preferred: number
  /** Largest object that Swift takes. */
  readonly maxFileSize: number
  /** Most segments in one static manifest. */
  readonly maxSegments: number
  /** Memory of one upload. */
  readonly memory: number
  /** Segments that are sent at the same time. */
  readonly parallel: number
}

/** How an image is cut into segments. */
export interface SegmentPlan {
  /** Bytes of every segment but the last. */
  readonly segmentSize: number
  /** Segments that are sent at the same time. */
  readonly parallel: number
}

/**
 * Plans segments so that those under way and the one that fills fit into the memory.
 *
 * They are as small as the memory asks for, unless a known size would then need more of them than a manifest takes: then they grow up to `preferred`, and fewer are under way.
 * An image that has too many segments all the same gets a dynamic manifest, which has no limit.
 *
 * @param size - of the image, null when unknown
 */
export function planSegments(size: number | null, limits: SegmentLimits): SegmentPlan {
  const largest = Math.min(limits.preferred, limits.maxFileSize)
  const fitting = Math.max(1, Math.min(largest, Math.floor(limits.memory / (limits.parallel + 1))))
  const needed = Math.ceil((size ?? 0) / limits.maxSegments)
  const segmentSize = Math.min(largest, Math.max(fitting, needed))
  const parallel = Math.max(1, Math.min(limits.parallel, Math.floor(limits.memory / segmentSize) - 1))
  return { segmentSize, parallel }
}
