import { namesOf, type Option, type OptionTable } from '@glance/core'
import type { Settings } from './sources.ts'

/**
 * Settings in files that nothing reads, a sentence each. oslo.config is silent about them; a misspelt name should not be.
 *
 * @param tables - the tables whose options may stand in a group
 */
export function unknownOptions(
  settings: Settings,
  tables: ReadonlyMap<string, readonly OptionTable[]>,
): readonly string[] {
  return settings.groups.flatMap((group) => {
    const known = tables.get(group)
    if (!known) return [`[${group}] has no effect in this release`]
    const names = new Set(
      known.flatMap((table) => Object.entries(table).flatMap(([name, option]) => namesOf(name, option as Option))),
    )
    return [...settings.inGroup(group)]
      .filter(([key]) => !names.has(key))
      .map(([key, { file, line }]) => `${file}:${line}: [${group}] ${key} has no effect in this release`)
  })
}
