import { characters, displayWidth, visible } from './display-width.ts'

/**
 * Draws a table as prettytable does: `+---+` borders, a header, cells left-aligned with one blank around.
 *
 * `maxWidth` is the most columns a cell takes; longer lines are wrapped. Null for no limit. No newline at the end.
 */
export function renderTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  maxWidth: number | null,
): string {
  const cells = rows.map((row) => row.map((text) => linesOf(text, maxWidth)))
  const widths = columns.map((column, at) => {
    return Math.max(displayWidth(column), ...cells.flatMap((row) => row[at] ?? []).map(displayWidth))
  })
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`
  const line = (texts: readonly string[]): string => {
    const padded = widths.map((width, at) => {
      const text = texts[at] ?? ''
      return ` ${text}${' '.repeat(width - displayWidth(text))} `
    })
    return `|${padded.join('|')}|`
  }
  const body = cells.flatMap((row) => {
    const height = Math.max(...row.map((lines) => lines.length))
    return Array.from({ length: height }, (_, at) => line(row.map((lines) => lines[at] ?? '')))
  })
  return [rule, line(columns), rule, ...body, rule].join('\n')
}

function linesOf(text: string, maxWidth: number | null): string[] {
  return visible(text)
    .split('\n')
    .flatMap((line) => (maxWidth === null || displayWidth(line) <= maxWidth ? [line] : wrap(line, maxWidth)))
}

/**
 * Breaks a line at blanks and after hyphens inside words; a word longer than the width is cut, its head filling the
 * line begun. Blanks at a break vanish.
 */
export function wrap(text: string, width: number): string[] {
  const pieces = text.split(/(\s+)|(?<=\p{L}{2}-)(?=\p{L}{2})/u).filter((piece) => piece !== undefined && piece !== '')
  const lines: string[] = []
  for (let line = ''; pieces.length > 0; line = '') {
    if (lines.length > 0 && pieces[0]?.trim() === '') pieces.shift()
    while (pieces[0] !== undefined && displayWidth(line + pieces[0]) <= width) line += pieces.shift()
    const next = pieces[0]
    if (next !== undefined && displayWidth(next) > width) {
      const head = fitting(next, width - displayWidth(line), line === '')
      line += head
      pieces[0] = next.slice(head.length)
    }
    line = line.trimEnd()
    if (line !== '') lines.push(line)
  }
  return lines
}

/** The longest start of `text` within `width` columns; at least one character when `needed`, so that wrapping ends. */
function fitting(text: string, width: number, needed: boolean): string {
  let head = ''
  for (const character of characters(text)) {
    if (displayWidth(head + character) > width && !(needed && head === '')) return head
    head += character
  }
  return head
}
