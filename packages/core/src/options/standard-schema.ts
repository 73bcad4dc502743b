import type { Option, OptionTable, OptionValues } from './option.ts'
import { glanceName, parseOptions } from './parse.ts'

/** The part of the Standard Schema interface (standardschema.dev, version 1) that a table offers. */
export interface OptionSchema<T extends OptionTable> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'glance'
    validate(
      value: unknown,
    ): { value: OptionValues<T> } | { issues: readonly { message: string; path: readonly string[] }[] }
  }
}

/** A table as a Standard Schema, for tools that take any such schema. Keys may be own or Glance's names. */
export function standardSchema<T extends OptionTable>(table: T): OptionSchema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'glance',
      validate(value) {
        if (typeof value !== 'object' || value === null || Array.isArray(value))
          return { issues: [{ message: 'must be an object', path: [] }] }
        const parsed = parseOptions(table, value as Record<string, unknown>)
        if (parsed.values) return { value: parsed.values }
        return {
          issues: parsed.issues.map(({ option, message }) => ({ message: `${option} ${message}`, path: [option] })),
        }
      },
    },
  }
}

/** JSON Schema (draft 2020-12) of a table's values, keyed by the names of configuration files. */
export function jsonSchemaOf(table: OptionTable): Readonly<Record<string, unknown>> {
  const options = Object.entries(table) as [string, Option][]
  const properties = options.map(([name, option]) => [
    glanceName(name, option),
    {
      ...option.schema,
      description: option.help,
      ...(option.default === undefined || option.kind === 'secret' ? {} : { default: option.default }),
      ...(option.deprecated === undefined ? {} : { deprecated: true }),
    },
  ])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(properties),
    required: options.filter(([, option]) => option.required).map(([name, option]) => glanceName(name, option)),
    additionalProperties: false,
  }
}
