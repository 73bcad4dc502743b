/** The result of a run as plain data, for the driver matrix and for people. */
import type { StoreCapabilities } from '@glance/core'
import { groupOf } from './case.ts'

/** What became of one case. */
export interface CaseResult {
  readonly id: string
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'not-applicable'
  /** Why it failed or could not be asked; null when it passed. A failure's text names seed and size of every payload. */
  readonly reason: string | null
  /** Wall time in milliseconds. */
  readonly durationMs: number
}

/** A run of the suite. JSON-safe. */
export interface ConformanceReport {
  /** Form of this report. */
  readonly version: 1
  /** Name of the driver. */
  readonly driver: string
  /** Contract version that the driver states. */
  readonly contract: number
  /** What the store declared; null when none could be opened. */
  readonly capabilities: StoreCapabilities | null
  readonly results: readonly CaseResult[]
}

/** Numbers of results by outcome. */
export function countsOf(report: ConformanceReport): Readonly<Record<CaseResult['outcome'], number>> {
  const counts = { passed: 0, failed: 0, 'not-applicable': 0 }
  for (const { outcome } of report.results) counts[outcome] += 1
  return counts
}

const marks: Readonly<Record<CaseResult['outcome'], string>> = {
  passed: 'ok  ',
  failed: 'FAIL',
  'not-applicable': '-   ',
}

/** One result as a line, or as several when it failed. */
export function formatResult({ id, title, outcome, reason }: CaseResult): string {
  const head = `${marks[outcome]} ${id}  ${title}`
  if (reason === null) return head
  return outcome === 'failed' ? `${head}\n       ${reason.replaceAll('\n', '\n       ')}` : `${head} (${reason})`
}

/** The closing line of a run. */
export function formatCounts(report: ConformanceReport): string {
  const counts = countsOf(report)
  const groups = new Set(report.results.map(groupOf)).size
  const all = report.results.length
  return `${report.driver}: ${counts.passed} of ${all} cases in ${groups} groups passed, ${counts.failed} failed, ${counts['not-applicable']} not applicable`
}
