/**
 * Option tables as Markdown, and the block of a document that holds them.
 */
import type { OptionRow } from '@glance/core'

/** One option as the documents show it. */
export type DocumentedOption = Pick<
  OptionRow,
  'name' | 'glance' | 'type' | 'default' | 'required' | 'secret' | 'help'
> & {
  readonly deprecated?: string | null
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()
}

function code(text: string): string {
  // A code span whose text has backticks needs a longer fence.
  const fence = text.includes('`') ? '``' : '`'
  return `${fence}${text}${fence}`
}

function defaultOf({ default: value, required }: DocumentedOption): string {
  if (value !== null) return value === '' ? 'empty' : code(value)
  return required ? '**required**' : '–'
}

function meaningOf({ help, deprecated, secret }: DocumentedOption): string {
  return [help, secret && 'Never shown in logs or answers.', deprecated && `Deprecated: ${deprecated}`]
    .filter(Boolean)
    .join(' ')
}

/**
 * A Markdown table of options in the order given.
 *
 * With `ownNames` each row also has the name used in code; the documents of a server, which is configured by files
 * alone, do without.
 */
export function optionsTable(options: readonly DocumentedOption[], ownNames: boolean): string {
  const head = ['Option', ...(ownNames ? ['In code'] : []), 'Type', 'Default', 'Meaning']
  const rows = options.map((option) => [
    code(option.glance),
    ...(ownNames ? [code(option.name)] : []),
    option.type,
    defaultOf(option),
    meaningOf(option),
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

/**
 * `document` with `text` between the markers of a block, by default the one of the options. Throws unless there is
 * exactly one such block.
 */
export function withBlock(document: string, text: string, block = 'options'): string {
  const startMarker = `<!-- ${block}:start -->`
  const endMarker = `<!-- ${block}:end -->`
  const starts = document.split(startMarker).length - 1
  const ends = document.split(endMarker).length - 1
  const [start, end] = [document.indexOf(startMarker), document.indexOf(endMarker)]
  if (starts !== 1 || ends !== 1 || end < start)
    throw new Error(`needs one ${startMarker} with one ${endMarker} after it`)
  return `${document.slice(0, start)}${startMarker}\n\n${text}\n\n${document.slice(end)}`
}
