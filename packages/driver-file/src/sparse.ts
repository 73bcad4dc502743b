/** Where a chunk has zeros that need not be written: holes read as zeros, and take no room. */

/** Holes are looked for in whole blocks of the file; smaller ones are not worth a system call, and a file system stores them anyway. */
const block = 65_536
const zeros = Buffer.alloc(block)

/** A part of a chunk that has to be written. */
export interface Extent {
  /** From the beginning of the chunk, in bytes. */
  readonly from: number
  readonly to: number
}

/**
 * The parts of a chunk that are not whole blocks of zeros, in order.
 *
 * @param position - where in the file the chunk begins, so that blocks are the file's
 */
export function extentsOf(chunk: Uint8Array, position: number): readonly Extent[] {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const extents: Extent[] = []
  let open: number | null = null
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + block - ((position + from) % block))
    const hole = to - from === block && bytes.compare(zeros, 0, block, from, to) === 0
    if (hole && open !== null) {
      extents.push({ from: open, to: from })
      open = null
    } else if (!hole) open ??= from
    from = to
  }
  if (open !== null) extents.push({ from: open, to: bytes.length })
  return extents
}
