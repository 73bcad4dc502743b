/**
 * One question that the suite asks of a driver.
 *
 * A case says what it needs: abilities the store declares, or does not declare (then it checks the refusal), and members of the harness.
 * A need that is not met makes the case not applicable, with the reason in the result; a driver cannot turn a case off in any other way.
 */
import type { Ability } from '@glance/core'
import type { Lab } from './lab.ts'

/** What has to be so for a case to be asked. An ability that is false must not be declared. */
export type Needs = {
  readonly [K in Ability]?: boolean
} & {
  /** Smallest image in bytes with which the case makes sense. */
  readonly bytes?: number
  /** `Harness.volatile` is (not) set. */
  readonly volatile?: boolean
  /** Members of the harness. */
  readonly leftovers?: true
  readonly unreachable?: true
  /** Optional members of the driver. */
  readonly discard?: true
  readonly check?: true
}

/** A case: its name never changes, so that reports of different versions can be compared. */
export interface Case {
  /** `<group>/<name>`. */
  readonly id: string
  /** What a driver does when it is right, as the rest of a sentence. */
  readonly title: string
  /** The bug for which it is there; shown when it fails. */
  readonly catches: string
  /** null when the case looks at the definition alone and opens no store. */
  readonly needs: Needs | null
  /** Throws when the driver is wrong. `lab.store` is open unless `needs` is null. */
  run(lab: Lab): Promise<void>
}

/** The group of a case, e.g. `add`. */
export function groupOf({ id }: Pick<Case, 'id'>): string {
  return id.slice(0, id.indexOf('/'))
}

/** Why a case cannot be asked, or null when it can. */
export function unmetNeed(needs: Needs, lab: Lab): string | null {
  const { driver, capabilities } = lab.store
  for (const ability of ['add', 'delete', 'randomRead', 'setAcls', 'copy', 'directUrl'] as const) {
    const needed = needs[ability]
    if (needed !== undefined && needed !== (capabilities[ability] ?? false))
      return `${ability} is ${needed ? 'not ' : ''}declared`
  }
  if (needs.bytes !== undefined && needs.bytes > lab.maxBytes) return `images are limited to ${lab.maxBytes} bytes here`
  const volatile = lab.harness.volatile ?? false
  if (needs.volatile !== undefined && needs.volatile !== volatile)
    return volatile ? 'the data end with the store' : 'the data outlive the store'
  if (needs.leftovers && !lab.harness.leftovers) return 'the harness has no leftovers()'
  if (needs.unreachable && !lab.harness.unreachable) return 'the harness has no unreachable()'
  if (needs.discard && !driver.discard) return 'the driver has no discard()'
  if (needs.check && !driver.check) return 'the driver has no check()'
  return null
}
