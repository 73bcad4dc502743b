/**
 * Reads the INI dialect of Python's `configparser`, in which files of property protections are written.
 *
 * It differs from that of oslo.config: names of sections may hold brackets (everything up to the last one of the line), names of options are lower case whatever their spelling, a section or an
 * option that comes twice is an error, what stands in `[DEFAULT]` counts in every section, and values are taken as they stand, but for `%`.
 */
import type { IniProblem, Place } from './ini.ts'

/** A value, and where it stands. */
export interface SectionValue {
  readonly text: string
  readonly place: Place
}

/** A section in its order, with what `[DEFAULT]` brings along. */
export interface Section {
  readonly name: string
  readonly place: Place
  /** By lower-case name. */
  readonly values: ReadonlyMap<string, SectionValue>
}

/** Every section of a text, and every line that cannot be read. */
export function parseSections(
  text: string,
  file: string,
): { readonly sections: readonly Section[]; readonly problems: readonly IniProblem[] } {
  const problems: IniProblem[] = []
  const sections = new Map<string, { readonly place: Place; readonly values: Map<string, SectionValue> }>()
  let current: Map<string, SectionValue> | null = null
  let last: { readonly key: string; readonly indent: number } | null = null
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const place = { file, line: index + 1 }
    const content = line.trim()
    if (content === '' || /^[#;]/.test(content)) continue
    const indent = line.search(/\S/)
    if (current !== null && last !== null && indent > last.indent) {
      const before = current.get(last.key)
      if (before) current.set(last.key, { ...before, text: `${before.text}\n${content}` })
      continue
    }
    const header = /^\[(.+)\]/.exec(content)
    const setting = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(content)
    if (header?.[1] !== undefined) {
      if (sections.has(header[1]))
        problems.push({ place, message: `section [${header[1]}] stands here for the second time` })
      current = new Map()
      last = null
      sections.set(header[1], { place, values: current })
    } else if (setting?.[1] === undefined || current === null)
      problems.push({ place, message: 'this line is neither a [section] nor operation = value in one' })
    else {
      const key = setting[1].toLowerCase()
      if (current.has(key)) problems.push({ place, message: `${key} stands here for the second time in its section` })
      current.set(key, { text: setting[2] ?? '', place })
      last = { key, indent }
    }
  }
  const common = sections.get('DEFAULT')?.values ?? new Map<string, SectionValue>()
  return {
    sections: [...sections]
      .filter(([name]) => name !== 'DEFAULT')
      .map(([name, { place, values }]) => ({ name, place, values: new Map([...common, ...values]) })),
    problems,
  }
}
