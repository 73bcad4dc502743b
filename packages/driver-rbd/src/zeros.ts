/** Where image data are zeros, for images with holes. */

/** The grain of holes, in bytes: smaller ones are written, since a write of its own costs more than they save. */
const grain = 1024 * 1024

const zeros = Buffer.alloc(grain)

/** The stretches of some bytes that have to be written: all but the grains of nothing but zeros. Neighbours are one stretch. */
export function* stretchesOfData(bytes: Uint8Array): Generator<{ readonly from: number; readonly to: number }> {
  let from = -1
  for (let at = 0; at < bytes.byteLength; at += grain) {
    const piece = bytes.subarray(at, at + grain)
    const empty = zeros.compare(piece, 0, piece.byteLength, 0, piece.byteLength) === 0
    if (empty && from !== -1) {
      yield { from, to: at }
      from = -1
    } else if (!empty && from === -1) from = at
  }
  if (from !== -1) yield { from, to: bytes.byteLength }
}
