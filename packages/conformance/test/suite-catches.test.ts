import { describe, expect, it } from 'vitest'
import { HarnessError } from '../src/finding.ts'
import { type ConformanceReport, runConformance, suite } from '../src/index.ts'
import { runCase } from '../src/run.ts'
import { faultsOfAdding } from './support/faults/adding.ts'
import { faultsOfAnswering } from './support/faults/answering.ts'
import { faultsOfHelping } from './support/faults/helping.ts'
import { faultsOfKeeping } from './support/faults/keeping.ts'
import { faultsOfReading } from './support/faults/reading.ts'
import { faultsOfStopping } from './support/faults/stopping.ts'
import { toyHarness } from './support/toy.ts'

const faults = [
  ...faultsOfAnswering,
  ...faultsOfAdding,
  ...faultsOfReading,
  ...faultsOfKeeping,
  ...faultsOfStopping,
  ...faultsOfHelping,
]

const correct = {
  'a toy with everything': toyHarness(),
  'a toy whose data end with it': toyHarness({ volatile: true }),
  'a toy that only reads whole images': toyHarness({
    capabilities: { add: false, delete: false, randomRead: false, setAcls: false, copy: false, directUrl: false },
  }),
  'a toy that adds and never deletes': toyHarness({ capabilities: { delete: false, setAcls: false } }),
  'a toy for images of at most 3000 bytes': toyHarness({ capabilities: { maxImageBytes: 3000 } }),
}

describe('each case', () => {
  it.each(faults)('$case catches a driver that $fault', async ({ case: id, fault: _, says, ...how }) => {
    const found = suite.find((each) => each.id === id)
    if (!found) throw new Error(`there is no case ${id}`)

    // A toy that hangs is not waited for long; every other one gets the time that a busy machine may need.
    const patienceMs = says.source.includes('did not settle') ? 150 : 4000
    const { result, thrown } = await runCase(found, toyHarness({ ...how, patienceMs }))

    expect(result.outcome).toBe('failed')
    expect(thrown).not.toBeInstanceOf(HarnessError)
    expect(result.reason?.split('\n', 1)[0]).toMatch(says)
  })

  it('has a broken driver that it catches', () => {
    const caught = new Set(faults.map((fault) => fault.case))

    expect(suite.filter(({ id }) => !caught.has(id)).map(({ id }) => id)).toEqual([])
  })

  it('is named once', () => {
    expect(new Set(suite.map(({ id }) => id)).size).toBe(suite.length)
  })
})

/** A report for each correct toy, made once. */
const reports = Object.entries(correct).map(([name, harness]) => {
  let report: Promise<ConformanceReport> | null = null
  return { name, report: () => (report ??= runConformance(harness)) }
})

describe('the suite', () => {
  it.each(reports)('finds nothing wrong with $name', async ({ report }) => {
    const { results } = await report()

    expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([])
  })

  it('asks each case of at least one correct driver', async () => {
    const results = (await Promise.all(reports.map(({ report }) => report()))).flatMap((report) => report.results)

    const asked = new Set(results.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id))
    expect(suite.filter(({ id }) => !asked.has(id)).map(({ id }) => id)).toEqual([])
  })
})
