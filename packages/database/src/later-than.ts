/** `now`, or the first moment after the last change when the clock stands still or went back: each change of a record has its own time. */
export function laterThan(last: Date, now: Date): Date {
  return now.getTime() > last.getTime() ? now : new Date(last.getTime() + 1)
}
