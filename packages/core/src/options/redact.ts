import type { Option, OptionTable, OptionValues } from './option.ts'

/** A copy of a table's values that may be logged or shown: secrets are `***`, absent ones stay absent. */
export function redactOptions<T extends OptionTable>(
  table: T,
  values: OptionValues<T>,
): Readonly<Record<string, unknown>> {
  const options = Object.entries(table) as [string, Option][]
  const given = values as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    options
      .filter(([name]) => given[name] !== undefined)
      .map(([name, option]) => [name, option.kind === 'secret' ? '***' : given[name]]),
  )
}
