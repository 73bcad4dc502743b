/**
 * The suite under a test runner.
 *
 * Two functions of a runner are enough, `describe` and `it`; the own tests run it under vitest and node:test. No hooks, no time-outs and no
 * matchers are used. A case that is not applicable is skipped with its reason where the runner lets a running test do so.
 */
import { groupOf } from './case.ts'
import type { Harness } from './harness.ts'
import { runCase } from './run.ts'
import { suite } from './suite.ts'

/** What the suite uses of a test runner. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: (...context: readonly unknown[]) => Promise<void>): unknown
}

/**
 * Registers a test for each case of the suite.
 *
 * @param name - stands before the tests, e.g. `driver-file, thin provisioning`; run the suite once for each set of options that matters
 */
export function describeStoreDriver(runner: Runner, name: string, harness: Harness): void {
  runner.describe(name, () => {
    for (const [group, cases] of Map.groupBy(suite, groupOf)) {
      runner.describe(group, () => {
        for (const each of cases) {
          // A function with no declared parameter: mocha takes one that has any for a test with a callback.
          runner.it(each.title, async function (this: unknown, ...context: readonly unknown[]) {
            const { result, thrown } = await runCase(each, harness)
            if (result.outcome === 'failed') throw new Error(`${each.id}: ${result.reason}`, { cause: thrown })
            if (result.outcome === 'not-applicable') skip(result.reason ?? '', context[0] ?? this)
          })
        }
      })
    }
  })
}

/** Asks the running test to count as skipped: vitest and node:test have `skip` on the context, mocha on `this`. */
function skip(reason: string, context: unknown): void {
  // vitest's context is a function with members.
  const isContext = (typeof context === 'object' && context !== null) || typeof context === 'function'
  if (isContext && 'skip' in context && typeof context.skip === 'function') context.skip(reason)
}
