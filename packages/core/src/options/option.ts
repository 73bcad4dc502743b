/**
 * Options as tables: each option is written once, with its type, its name in Glance's files, its default and its help.
 *
 * From a table come typed values, validation of configuration files and of plain objects, environment variables, redaction, JSON Schema
 * and the tables of the READMEs. The types underneath are zod's.
 */
import * as z from 'zod'
import { bytesFromText, durationFromText, flagFromText, integerFromText, listFromText, mapFromText } from './text.ts'

/** What every option says of itself. */
export interface OptionFacts {
  /** The option's name in Glance's configuration files; without it the option's own name in snake_case is used there. */
  readonly glance?: string
  /** Older names that are still read, after the present one. */
  readonly glanceOld?: readonly string[]
  /** Nothing starts without a value. */
  readonly required?: boolean
  /** What it does; the first sentence stands alone in tables. */
  readonly help: string
  /** Name under which operators are told the value among the facts of a store (`GET /v2/info/stores/detail`); never for a secret. */
  readonly told?: string
  /** Still read, but said to go: the text tells what to use instead. */
  readonly deprecated?: string
}

/** The kind of an option's value, for tables and schemas. */
export type OptionKind =
  | 'text'
  | 'secret'
  | 'path'
  | 'integer'
  | 'bytes'
  | 'duration'
  | 'flag'
  | 'choice'
  | 'list'
  | 'map'
  | 'multi'

/** One option. `T` is the type of its value after parsing; undefined is part of it when there is neither a default nor `required`. */
export interface Option<T = unknown> extends OptionFacts {
  readonly kind: OptionKind
  /** Takes text as it stands in a file (or a list of texts for a repeated key) as well as the typed value. */
  readonly type: z.ZodType<T>
  /** Value when nothing is given, already of the option's type; undefined when there is none. */
  readonly default: T | undefined
  /** How the default is written in a file, for tables. */
  readonly defaultText: string | null
  /** JSON Schema of the typed value. */
  readonly schema: Readonly<Record<string, unknown>>
}

/** Options by their own name (camelCase). */
export type OptionTable = Readonly<Record<string, Option<never> | Option>>

/** The typed values of a table, one member for each option. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: T[K] extends Option<infer V> ? V : never }

/** What a caller may give in code: options with a default, and those that may be absent, can be left out. */
export type OptionInput<T extends OptionTable> = {
  readonly [K in keyof T]?: T[K] extends Option<infer V> ? V | string | undefined : never
}

/** Declares a table. It only fixes the type; problems of several options together are told by the driver's `open`. */
export function optionTable<const T extends OptionTable>(table: T): T {
  return Object.freeze(table)
}

/** Facts with a default, or required: the value is always there. */
type Given<D> = OptionFacts & ({ readonly default: D } | { readonly required: true; readonly default?: never })
type Maybe = OptionFacts & { readonly default?: never; readonly required?: false }

/** What a bare number counts in: a unit, or a number of bytes. */
type ByteUnit = 'MiB' | 'GiB' | number
type Limits = { readonly min?: number; readonly max?: number }

/** Text that a reader of files turns into a typed value; what is no text goes on to the type as it is. */
function read<T>(fromText: (text: string) => T, type: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((raw, context) => {
    if (typeof raw !== 'string') return raw
    try {
      return fromText(raw.trim())
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is malformed' })
      return z.NEVER
    }
  }, type) as z.ZodType<T>
}

function make<T>(
  kind: OptionKind,
  facts: OptionFacts & { readonly default?: unknown },
  type: z.ZodType<T>,
  schema: Record<string, unknown>,
): Option<T> {
  const given = facts.default
  const parsed = given === undefined ? undefined : type.parse(given)
  return Object.freeze({ ...facts, kind, type, default: parsed, defaultText: written(given, kind), schema })
}

/** How a default is written in a file, so that reading it there gives the same value. */
function written(given: unknown, kind: OptionKind): string | null {
  if (given === undefined || given === null) return null
  // A bare number in a file may count in MiB or GiB; one given in code is bytes.
  if (kind === 'bytes' && typeof given === 'number') return `${given}B`
  if (Array.isArray(given)) return given.join(',')
  if (typeof given === 'object')
    return Object.entries(given)
      .map((pair) => pair.join(':'))
      .join(',')
  return String(given)
}

/** Any text. An empty value in a file is the empty text. */
export function text(facts: Given<string>): Option<string>
export function text(facts: Maybe): Option<string | undefined>
export function text(facts: OptionFacts & { default?: string }): Option<string | undefined> {
  return make<string | undefined>('text', facts, z.string(), { type: 'string' })
}

/** Text that never appears in logs, answers or error messages. */
export function secret(facts: Given<string>): Option<string>
export function secret(facts: Maybe): Option<string | undefined>
export function secret(facts: OptionFacts & { default?: string }): Option<string | undefined> {
  return make<string | undefined>('secret', facts, z.string(), { type: 'string', writeOnly: true })
}

/** A path of a file or directory. Whether it must exist is said in `help` and checked where it is used. */
export function path(facts: Given<string>): Option<string>
export function path(facts: Maybe): Option<string | undefined>
export function path(facts: OptionFacts & { default?: string }): Option<string | undefined> {
  return make<string | undefined>('path', facts, z.string().min(1, 'must not be empty'), {
    type: 'string',
    minLength: 1,
  })
}

/** A whole number. */
export function integer(facts: Given<number> & Limits): Option<number>
export function integer(facts: Maybe & Limits): Option<number | undefined>
export function integer(facts: OptionFacts & Limits & { default?: number }): Option<number | undefined> {
  return make<number | undefined>('integer', facts, read(integerFromText, whole(facts)), {
    type: 'integer',
    ...bounds(facts),
  })
}

/**
 * An amount of bytes. Text is a number with an optional unit (`64KiB`, `10MiB`, `1GiB`; powers of 1024); a bare number in a file counts
 * in `unit`, because several of Glance's options are in MiB, and some in units of their own (a number of bytes). A number given in code is always bytes.
 */
export function bytes(facts: Given<number | string> & Limits & { readonly unit?: ByteUnit }): Option<number>
export function bytes(facts: Maybe & Limits & { readonly unit?: ByteUnit }): Option<number | undefined>
export function bytes(
  facts: OptionFacts & Limits & { default?: number | string; unit?: ByteUnit },
): Option<number | undefined> {
  return make<number | undefined>(
    'bytes',
    facts,
    read((raw) => bytesFromText(raw, facts.unit), whole(facts)),
    { type: 'integer', ...bounds(facts) },
  )
}

/** A length of time in seconds; text may carry a unit (`500ms`, `30s`, `5m`, `2h`). */
export function duration(facts: Given<number | string> & Limits): Option<number>
export function duration(facts: Maybe & Limits): Option<number | undefined>
export function duration(facts: OptionFacts & Limits & { default?: number | string }): Option<number | undefined> {
  return make<number | undefined>('duration', facts, read(durationFromText, ranged(facts)), {
    type: 'number',
    ...bounds(facts),
  })
}

/** Yes or no; text as oslo.config reads it: true/1/on/yes and false/0/off/no in any case. */
export function flag(facts: Given<boolean>): Option<boolean> {
  return make<boolean>('flag', facts, read(flagFromText, z.boolean()), { type: 'boolean' })
}

/** One of a closed set of words. */
export function choice<const W extends readonly [string, ...string[]]>(
  words: W,
  facts: Given<W[number]>,
): Option<W[number]>
export function choice<const W extends readonly [string, ...string[]]>(
  words: W,
  facts: Maybe,
): Option<W[number] | undefined>
export function choice(
  words: readonly [string, ...string[]],
  facts: OptionFacts & { default?: string },
): Option<string | undefined> {
  return make<string | undefined>('choice', facts, z.enum(words, `must be one of ${words.join(', ')}`), {
    type: 'string',
    enum: words,
  })
}

/** Several texts in one value, separated by commas; surrounding brackets are tolerated, as oslo.config has them in some options. */
export function list(facts: Given<readonly string[]>): Option<readonly string[]> {
  return make<readonly string[]>('list', facts, read<readonly string[]>(listFromText, z.array(z.string()).readonly()), {
    type: 'array',
    items: { type: 'string' },
  })
}

/** Names with values, `name:value,name2:value2` in a file. Order is kept. */
export function map(facts: Given<Readonly<Record<string, string>>>): Option<Readonly<Record<string, string>>> {
  return make<Readonly<Record<string, string>>>(
    'map',
    facts,
    read<Readonly<Record<string, string>>>(mapFromText, z.record(z.string(), z.string()).readonly()),
    {
      type: 'object',
      additionalProperties: { type: 'string' },
    },
  )
}

/** A key that may be repeated in a file; each occurrence is one text. */
export function multi(facts: Given<readonly string[]>): Option<readonly string[]> {
  const type = z.preprocess((raw) => (typeof raw === 'string' ? [raw.trim()] : raw), z.array(z.string()).readonly())
  return make<readonly string[]>('multi', facts, type as z.ZodType<readonly string[]>, {
    type: 'array',
    items: { type: 'string' },
  })
}

function ranged(limits: Limits): z.ZodType<number> {
  let type = z.number()
  if (limits.min !== undefined) type = type.min(limits.min, `must be at least ${limits.min}`)
  if (limits.max !== undefined) type = type.max(limits.max, `must be at most ${limits.max}`)
  return type
}

function whole(limits: Limits): z.ZodType<number> {
  return ranged(limits).refine(Number.isInteger, 'must be a whole number')
}

function bounds(limits: Limits): { minimum?: number; maximum?: number } {
  return {
    ...(limits.min === undefined ? {} : { minimum: limits.min }),
    ...(limits.max === undefined ? {} : { maximum: limits.max }),
  }
}
