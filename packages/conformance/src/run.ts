import { performance } from 'node:perf_hooks'
import type { StoreCapabilities } from '@glance/core'
import { type Case, unmetNeed } from './case.ts'
import { Finding, HarnessError, inWords, NotApplicable } from './finding.ts'
import type { Harness } from './harness.ts'
import { Lab } from './lab.ts'
import type { CaseResult, ConformanceReport } from './report.ts'
import { suite } from './suite.ts'

/** Which cases to run, and whom to tell. */
export interface RunOptions {
  /** Ids of cases, or of whole groups; all when left out. */
  readonly only?: readonly string[]
  /** Called after each case. */
  readonly onResult?: (result: CaseResult) => void
}

/**
 * Runs the suite without a test runner, one case after the other.
 *
 * Never rejects because of the driver: what it does wrong is in the report.
 *
 * @throws TypeError when `only` names something that does not exist
 */
export async function runConformance(harness: Harness, options: RunOptions = {}): Promise<ConformanceReport> {
  const results: CaseResult[] = []
  let capabilities: StoreCapabilities | null = null
  for (const each of chosen(options.only)) {
    const { result, declared } = await runCase(each, harness)
    capabilities ??= declared
    results.push(result)
    options.onResult?.(result)
  }
  const { name, contract } = harness.definition
  return { version: 1, driver: name, contract, capabilities, results }
}

/** Runs one case in a lab of its own. */
export async function runCase(
  each: Case,
  harness: Harness,
): Promise<{ readonly result: CaseResult; readonly declared: StoreCapabilities | null; readonly thrown: unknown }> {
  const started = performance.now()
  const lab = new Lab(harness, each.id)
  let declared: StoreCapabilities | null = null
  let end: Pick<CaseResult, 'outcome' | 'reason'> = { outcome: 'passed', reason: null }
  let thrown: unknown = null
  try {
    if (each.needs) declared = (await lab.open()).capabilities
    const unmet = each.needs && unmetNeed(each.needs, lab)
    if (unmet !== null) throw new NotApplicable(unmet)
    await each.run(lab)
  } catch (error) {
    thrown = error
    end =
      error instanceof NotApplicable
        ? { outcome: 'not-applicable', reason: error.message }
        : { outcome: 'failed', reason: explain(error, each, lab) }
  } finally {
    await lab.finish()
  }
  const { id, title } = each
  return { result: { id, title, ...end, durationMs: Math.round(performance.now() - started) }, declared, thrown }
}

/** A failure as text: what was seen, what the case is there for, and what is needed to repeat it. */
function explain(thrown: unknown, each: Case, lab: Lab): string {
  if (thrown instanceof HarnessError) return `harness: ${thrown.message}`
  const what = thrown instanceof Finding ? thrown.message : `the driver failed where it should not: ${inWords(thrown)}`
  const payloads = lab.payloads.map(({ seed, size, sparse }) => `seed ${seed}, size ${size}${sparse ? ', sparse' : ''}`)
  return [what, `catches: ${each.catches}`, ...(payloads.length > 0 ? [`payloads: ${payloads.join('; ')}`] : [])].join(
    '\n',
  )
}

function chosen(only: readonly string[] | undefined): readonly Case[] {
  if (!only) return suite
  for (const name of only) {
    if (!suite.some(({ id }) => id === name || id.startsWith(`${name}/`)))
      throw new TypeError(`there is no case or group ${JSON.stringify(name)}`)
  }
  return suite.filter(({ id }) => only.some((name) => id === name || id.startsWith(`${name}/`)))
}
