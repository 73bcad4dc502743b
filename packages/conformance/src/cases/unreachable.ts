/** A backend that is down: said soon, and in a way that lets the server try again. */
import { isStoreError } from '@glance/core'
import { within } from '../bounded.ts'
import type { Case } from '../case.ts'
import { Finding, inWords, must, NotApplicable } from '../finding.ts'
import type { Lab } from '../lab.ts'
import { Source } from '../sources.ts'

/** What a driver says when its backend is down: at `open`, or in the first call that needs it. */
async function failureOf(lab: Lab): Promise<unknown> {
  const { unreachable, prepared } = lab.harness
  const raw = (await unreachable?.()) ?? {}
  const driver = await settled(lab, 'open', lab.startOpening(raw))
  if (!driver.ok) return driver.error
  const { signal } = new AbortController()
  try {
    if (driver.value.capabilities.add) {
      const source = new Source(lab.payload(1000))
      const added = await settled(lab, 'add', driver.value.add(lab.id('down'), source, { size: 1000, signal }))
      must(!added.ok, 'add went well although the backend is said to be down')
      return added.error
    }
    if (!prepared?.away) throw new NotApplicable('the harness has no prepared.away()')
    const location = await prepared.away(raw)
    const got = await settled(lab, 'get', driver.value.get(location, { offset: 0, length: null, signal }))
    must(!got.ok, 'get went well although the backend is said to be down')
    return got.error
  } finally {
    await within(lab.patienceMs, 'close', driver.value.close())
  }
}

async function settled<T>(
  lab: Lab,
  what: string,
  call: Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }> {
  try {
    return { ok: true, value: await within(lab.patienceMs, `${what} on a backend that is down`, call) }
  } catch (error) {
    if (error instanceof Finding) throw error
    return { ok: false, error }
  }
}

const needs = { unreachable: true } as const

export const unreachableCases: readonly Case[] = [
  {
    id: 'unreachable/code',
    title: 'says UNAVAILABLE or TIMEOUT when its backend is down',
    catches:
      'a refused connection reported as a wrong configuration or as UNKNOWN, so that the server never tries again',
    needs,
    async run(lab) {
      const error = await failureOf(lab)
      const right = isStoreError(error) && (error.code === 'UNAVAILABLE' || error.code === 'TIMEOUT')
      must(right, `a backend that is down led to ${inWords(error)}`)
    },
  },
  {
    id: 'unreachable/cause',
    title: 'keeps the native error as the cause',
    catches: 'a log in which nobody can see whether the name, the port or the certificate was wrong',
    needs,
    async run(lab) {
      const error = await failureOf(lab)
      must(error instanceof Error && error.cause !== undefined, `the cause is missing: ${inWords(error)}`)
    },
  },
]
