/**
 * A vitest reporter that writes what happened to a JSON file for `tools/test.ts`.
 *
 * The file appears only at the end of a run, so its absence means that vitest crashed. Its path comes from the variable
 * GLANCE_TEST_REPORT; without it the reporter does nothing.
 */
import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'

/** Name of the environment variable with the path of the report. */
export const reportVariable = 'GLANCE_TEST_REPORT'

/** A test that did not run, and why. */
export interface SkippedTest {
  readonly name: string
  readonly reason: string
}

/** What one vitest run came to. */
export interface TestReport {
  readonly passed: number
  /** Names of failed tests, and of modules and suites whose own code or hooks failed. */
  readonly failed: readonly string[]
  readonly skipped: readonly SkippedTest[]
  /** Messages of errors that belong to no test. */
  readonly unhandledErrors: readonly string[]
  readonly interrupted: boolean
}

const separator = ' > '

function nameOf(task: TestCase | TestSuite | TestModule): string {
  const project = task.project.name
  const names: string[] = []
  for (let at: TestCase | TestSuite | TestModule = task; ; at = at.parent) {
    if (at.type === 'module') {
      names.unshift(at.relativeModuleId)
      break
    }
    names.unshift(at.name)
  }
  return [project, ...names].filter(Boolean).join(separator)
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  if (result.state === 'skipped' && result.note) return result.note
  if (test.options.mode === 'todo') return 'marked as todo'
  for (let at: TestSuite | TestModule = test.parent; ; at = at.parent) {
    if (at.errors().length > 0) return 'a hook of its suite failed'
    if (at.type === 'module') break
  }
  if (test.options.mode !== 'skip') return 'was not reached'
  return test.name.startsWith('needs ') ? 'REQUIRE_BACKENDS turns this into a failure' : 'marked as skipped'
}

/** Counts the tests of finished modules. A test that `pattern` leaves out was not asked for and counts nowhere. */
export function reportOf(
  modules: readonly TestModule[],
  pattern: RegExp | undefined,
): Omit<TestReport, 'unhandledErrors' | 'interrupted'> {
  let passed = 0
  const failed: string[] = []
  const skipped: SkippedTest[] = []
  for (const module of modules) {
    for (const parent of [module, ...module.children.allSuites()])
      if (parent.errors().length > 0) failed.push(nameOf(parent))
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') passed += 1
      else if (state === 'failed') failed.push(nameOf(test))
      else if (!pattern || pattern.test(test.fullName.replaceAll(separator, ' ')))
        skipped.push({ name: nameOf(test), reason: reasonOf(test) })
    }
  }
  return { passed, failed, skipped }
}

/** The reporter that vitest makes one of. */
export default class TestReportWriter implements Reporter {
  #pattern: RegExp | undefined

  onInit(vitest: Vitest): void {
    this.#pattern = vitest.config.testNamePattern
  }

  onTestRunEnd(...[modules, errors, reason]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const path = process.env[reportVariable]
    if (!path) return
    const report: TestReport = {
      ...reportOf(modules, this.#pattern),
      unhandledErrors: errors.map((error) => error.message),
      interrupted: reason === 'interrupted',
    }
    writeFileSync(path, JSON.stringify(report))
  }
}
