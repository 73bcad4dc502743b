/** A long transfer as many short ones, some at a time. */

/**
 * Runs `piece` for consecutive parts of a length, up to `width` at once and in order of their beginning.
 *
 * After the first failure no part begins any more; the promise rejects with it once all that had begun have ended.
 */
export async function inPieces(
  length: number,
  pieceBytes: number,
  width: number,
  piece: (at: number, bytes: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const failures: unknown[] = []
  const work = async (): Promise<void> => {
    while (next < length && failures.length === 0) {
      const at = next
      next = Math.min(length, at + pieceBytes)
      try {
        await piece(at, next - at)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, Math.ceil(length / pieceBytes)) }, work))
  if (failures.length > 0) throw failures[0]
}
