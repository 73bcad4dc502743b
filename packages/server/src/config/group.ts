import { glanceName, namesOf, type Option, type OptionTable, type OptionValues, parseOptions } from '@glance/core'
import type { Place } from './ini.ts'
import type { ConfigProblem } from './problem.ts'
import type { Settings } from './sources.ts'
import { substitute } from './substitute.ts'

/** Raw values of a table's options, ready to be parsed, and where each stands. */
export interface GroupSettings {
  readonly raw: Readonly<Record<string, string | readonly string[]>>
  readonly places: ReadonlyMap<string, Place>
  readonly problems: readonly ConfigProblem[]
}

/** Kinds whose empty text means that nothing is set. */
const numbers: ReadonlySet<string> = new Set(['integer', 'bytes', 'duration'])

/**
 * What the configuration says of the options of a table, looked up in the given groups in order; the first group that sets an option counts.
 *
 * @param defaultOf - defaults of other options, for substitutions
 */
export function settingsOf(
  table: OptionTable,
  groups: readonly string[],
  settings: Settings,
  defaultOf: (group: string, option: string) => string | null,
): GroupSettings {
  const raw: Record<string, string | readonly string[]> = {}
  const places = new Map<string, Place>()
  const problems: ConfigProblem[] = []
  for (const [name, option] of Object.entries(table) as [string, Option][]) {
    const shown = glanceName(name, option)
    const found = groups
      .flatMap((group) =>
        namesOf(name, option).map((key) => ({
          group,
          setting: key === name && key !== shown ? null : settings.find(group, key),
        })),
      )
      .find(({ setting }) => setting !== null)
    if (!found?.setting) continue
    places.set(shown, found.setting.place)
    try {
      const values = found.setting.values.map((value) => substitute(value, found.group, settings, defaultOf))
      const last = values.at(-1) ?? ''
      // oslo.config takes an empty number for no value at all.
      if (last === '' && numbers.has(option.kind)) continue
      raw[shown] = option.kind === 'multi' ? values : last
    } catch (error) {
      problems.push({
        place: found.setting.place,
        group: found.group,
        option: shown,
        message: error instanceof Error ? error.message : 'cannot be read',
      })
    }
  }
  return { raw, places, problems }
}

/**
 * The typed values of one of the server's own groups, and what is wrong with them. An option that is wrong counts with its default, so that whatever builds on the group can be looked at, too:
 * all problems of a configuration are told together.
 */
export function readGroup<T extends OptionTable>(
  group: string,
  table: T,
  settings: Settings,
  defaultOf: (group: string, option: string) => string | null,
): { readonly values: OptionValues<T>; readonly problems: readonly ConfigProblem[] } {
  const found = settingsOf(table, [group], settings, defaultOf)
  const parsed = parseOptions(table, found.raw)
  const issues = parsed.issues.map(({ option, message }) => ({
    place: found.places.get(option) ?? null,
    group,
    option,
    message,
  }))
  const wrong = new Set(issues.map(({ option }) => option))
  const right = Object.fromEntries(Object.entries(found.raw).filter(([option]) => !wrong.has(option)))
  const values = parsed.values ?? parseOptions(table, right).values
  // Only a required option without a default could be missing now, and the server's own groups have none.
  if (!values) throw new Error(`the table of [${group}] has a required option`)
  return { values, problems: [...found.problems, ...issues] }
}
