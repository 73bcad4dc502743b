import type { Image } from '@glance/client'
import { renderTable } from './table.ts'

/** How a command prints: for people, for programs, or bare values for shell scripts. */
export const OUTPUT_FORMATS = ['table', 'json', 'value'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** Columns of a list: the heading, and the member of each item it shows. */
export interface Column<T> {
  readonly heading: string
  readonly value: (item: T) => unknown
}

/** Text of a list, with a newline at the end. JSON objects are keyed by heading, as openstackclient does it. */
export function renderList<T>(items: readonly T[], columns: readonly Column<T>[], format: OutputFormat): string {
  const rows = items.map((item) => columns.map((column) => column.value(item)))
  const headings = columns.map((column) => column.heading)
  switch (format) {
    case 'json':
      return renderJson(rows.map((row) => Object.fromEntries(headings.map((name, at) => [name, row[at] ?? null]))))
    case 'value':
      return rows.map((row) => `${row.map(cellText).join(' ')}\n`).join('')
    case 'table':
      // Lists leave blank what is missing and what Python takes for false, 0 among it; tables of properties say None: so the original.
      return `${renderTable(
        headings,
        rows.map((row) => row.map((value) => (isNothing(value) ? '' : cellText(value)))),
        null,
      )}\n`
  }
}

/** Text of one object, members in alphabetical order, with a newline at the end. `maxWidth` counts for tables. */
export function renderRecord(record: Readonly<Record<string, unknown>>, format: OutputFormat, maxWidth = 80): string {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  switch (format) {
    case 'json':
      return renderJson(Object.fromEntries(entries))
    case 'value':
      return entries.map(([, value]) => `${cellText(value)}\n`).join('')
    case 'table':
      return `${renderTable(
        ['Property', 'Value'],
        entries.map(([name, value]) => [name, cellText(value)]),
        maxWidth,
      )}\n`
  }
}

const HIDDEN = new Set(['self', 'access', 'file', 'schema'])

/** An image as commands show it: without links, and in tables with sizes as people read them. */
export function renderImage(
  image: Image,
  format: OutputFormat,
  options: { readonly humanReadable?: boolean; readonly maxWidth?: number } = {},
): string {
  const shown = Object.fromEntries(Object.entries(image).filter(([name]) => !HIDDEN.has(name)))
  if (format !== 'json' && 'virtual_size' in shown) shown['virtual_size'] ??= 'Not available'
  if (format !== 'json' && options.humanReadable === true) shown['size'] = humanSize(image.size ?? 0)
  return renderRecord(shown, format, options.maxWidth)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']

/** A size with its unit: base 1024, at most one decimal (`1.5GB`). */
export function humanSize(bytes: number): string {
  let size = bytes
  let unit = 0
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024
  return `${size.toFixed(1).replace(/\.0$/, '')}${UNITS[unit]}`
}

/** What Python takes for false. */
function isNothing(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0)
}

/** Scripts written for the original expect Python's words for what is no text. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'object' ? spacedJson(value) : String(value)
}

/** JSON on one line with a blank after each comma and colon, where long values wrap. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${spacedJson(member)}`)
  return `{${members.join(', ')}}`
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
