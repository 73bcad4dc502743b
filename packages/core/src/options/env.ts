import type { Option, OptionTable } from './option.ts'
import { glanceName } from './parse.ts'

/** The environment variable of an option: `OS_<GROUP>__<OPTION>` in capitals, as oslo.config has it. */
export function environmentName(group: string, option: string): string {
  return `OS_${group}__${option}`.replaceAll('-', '_').toUpperCase()
}

/** Raw values of a table that are set in an environment, keyed by the names of configuration files. */
export function fromEnvironment(
  group: string,
  table: OptionTable,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const raw: Record<string, string> = {}
  for (const [name, option] of Object.entries(table) as [string, Option][]) {
    const key = glanceName(name, option)
    const value = environment[environmentName(group, key)]
    if (value !== undefined) raw[key] = value
  }
  return raw
}
