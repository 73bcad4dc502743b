/** Proves that a storage driver keeps the contract of `@glance/core`, under any test runner or none. */

export { type Payload, payload } from './bytes.ts'
export type { Case, Needs } from './case.ts'
export type { Harness, PreparedBackend, RawOptions } from './harness.ts'
export { type CaseResult, type ConformanceReport, countsOf, formatCounts, formatResult } from './report.ts'
export { type RunOptions, runConformance } from './run.ts'
export { describeStoreDriver, type Runner } from './runner.ts'
export { suite } from './suite.ts'
