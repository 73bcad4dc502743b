/** Whether one sequence number comes before another, over the wrap at 2^32 (RFC 1982). */
export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0
}

/** The sequence number that many further on. */
export function advance(number: number, by = 1): number {
  return (number + by) >>> 0
}
