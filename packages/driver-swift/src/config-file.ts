/** The file format of `swift_store_config_file`, as Python's configparser reads it. */

/** Sections by name, each with its keys in lower case. */
export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>

/**
 * Reads sections of `key = value` or `key: value`.
 *
 * Lines that begin with `#` or `;` are comments. An indented line goes on with the value before it. Keys of `[DEFAULT]` count in every section. Quotes around a value are
 * taken off, and `%%` is one per cent sign.
 *
 * @throws SyntaxError naming the line, and never showing it: it may hold a key
 */
export function parseConfigFile(content: string): Sections {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | null = null
  let key: string | null = null
  for (const [index, line] of content
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*([#;]|$)/.test(line)) continue
    const header = /^\[([^\]]+)\]\s*$/.exec(line)?.[1]
    const [, name, value] = /^([^\s=:[][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? []
    if (header !== undefined) {
      section = sections.get(header) ?? new Map()
      sections.set(header, section)
      key = null
    } else if (section && key !== null && /^\s/.test(line)) {
      section.set(key, `${section.get(key) ?? ''}\n${line.trim()}`)
    } else if (section && name !== undefined && value !== undefined) {
      key = name.toLowerCase()
      section.set(key, value)
    } else throw new SyntaxError(`line ${index + 1} is neither a section nor a key with a value`)
  }
  const defaults = sections.get('DEFAULT') ?? new Map<string, string>()
  sections.delete('DEFAULT')
  return new Map(
    [...sections].map(([name, values]) => [
      name,
      new Map([...defaults, ...values].map(([key, value]) => [key, plain(value)])),
    ]),
  )
}

function plain(value: string): string {
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(value) ?? []
  return (quoted ?? value).replaceAll('%%', '%')
}
