import type { Option, OptionKind, OptionTable } from './option.ts'
import { glanceName } from './parse.ts'

/** One row of a table in the documentation. */
export interface OptionRow {
  /** Own name, used in code. */
  readonly name: string
  /** Name in configuration files. */
  readonly glance: string
  readonly type: OptionKind
  /** How the default is written in a file, null when there is none. */
  readonly default: string | null
  readonly required: boolean
  readonly secret: boolean
  readonly deprecated: string | null
  readonly help: string
}

/** A table as rows for documentation, in the order of the table. */
export function describeOptions(table: OptionTable): readonly OptionRow[] {
  return (Object.entries(table) as [string, Option][]).map(([name, option]) => ({
    name,
    glance: glanceName(name, option),
    type: option.kind,
    default: option.defaultText,
    required: option.required ?? false,
    secret: option.kind === 'secret',
    deprecated: option.deprecated ?? null,
    help: option.help,
  }))
}
