import type { SkippedTest } from './test-report.ts'

/** More skipped tests of one file for one reason than this are told in one line. */
const most = 3

/** Skipped tests as lines: each by its name and reason, many of one file for one reason by their number. */
export function skipLines(skipped: readonly SkippedTest[]): readonly string[] {
  const groups = Map.groupBy(skipped, ({ name, reason }) => `${fileOf(name)} (${reason})`)
  return [...groups].flatMap(([line, tests]) =>
    tests.length > most ? [`${tests.length} tests of ${line}`] : tests.map(({ name, reason }) => `${name} (${reason})`),
  )
}

/** Names are `project > file > suites > test`. */
function fileOf(name: string): string {
  return name.split(' > ').slice(0, 2).join(' > ')
}
