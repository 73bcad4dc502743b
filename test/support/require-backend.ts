/**
 * Lets a suite depend on something that not every machine has.
 *
 * Absent and not required: one skipped test that names what is missing. Absent and required (see REQUIRE_BACKENDS in
 * CONTRIBUTING.md): one failing test that says how to get it. So a run never looks complete when it was not.
 */
import { backends, type Probe, requiredBackends } from '../../tools/backends.ts'

/** What is known about a backend. */
export interface BackendState {
  readonly available: boolean
  /** Why it is not available; empty when it is. */
  readonly reason: string
  /** Whether its absence is a failure. */
  readonly required: boolean
}

/** The two functions that a test runner brings, as far as they are needed here. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: ((name: string, body: () => void) => unknown) & {
    readonly skip: (name: string, body: () => void) => unknown
  }
}

/** The probe that the table of backends holds for `name`. Throws when the table has no such row. */
export function probeOf(name: string): Probe {
  const row = backends[name]
  if (!row) throw new Error(`tools/backends.ts has no backend ${name}`)
  return row.probe
}

/** The probe of a suite that needs several: the sentence of the first that is missing. */
export function probeOfAll(...names: readonly string[]): Probe {
  const probes = names.map(probeOf)
  return () => {
    for (const probe of probes) {
      const answer = probe()
      if (answer !== true) return answer
    }
    return true
  }
}

/**
 * Asks `probe` whether the backend is there.
 *
 * `probe` answers true, or a sentence saying what is missing; a probe that throws counts as a no. `name` must be a row of
 * `tools/backends.ts`, else REQUIRE_BACKENDS could not ask for it: throws otherwise.
 */
export function backend(name: string, probe: () => boolean | string = probeOf(name)): BackendState {
  probeOf(name)
  const required = requiredBackends(process.env['REQUIRE_BACKENDS']).includes(name)
  const answer = askSafely(probe)
  if (answer === true) return { available: true, reason: '', required }
  return { available: false, reason: answer || 'not available', required }
}

function askSafely(probe: () => boolean | string): boolean | string {
  try {
    return probe()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * A `describe` that needs a backend: registers `body` under `title` when `probe` says that the backend is there.
 *
 * Otherwise registers one test under `title` instead: failing when the backend is required, else skipped and named
 * `needs <name>: <reason>`.
 */
export function describeWithBackend(
  { describe, it }: Runner,
  name: string,
  probe: () => boolean | string,
  title: string,
  body: () => void,
): void {
  const state = backend(name, probe)
  if (state.available) {
    describe(title, body)
    return
  }
  const advice = backends[name]?.advice ?? ''
  describe(title, () => {
    if (state.required) {
      it(`needs ${name}`, () => {
        throw new Error(`${name} is required by REQUIRE_BACKENDS but absent: ${state.reason}. To get it: ${advice}.`)
      })
    } else it.skip(`needs ${name}: ${state.reason}`, () => {})
  })
}
