/**
 * Reads the INI dialect of oslo.config into groups, keeping where each value stood.
 *
 * Rules of oslo.config: `[group]` lines, `key = value` or `key: value`, `#` and `;` start comment lines, a line that starts with a blank continues the value before it (joined by a line
 * break), a key may be repeated, one pair of quotes around a whole value is dropped, names of options are case-sensitive. Keys before the first group belong to DEFAULT.
 */

/** Where in the configuration something stands, for people. */
export interface Place {
  /** The file's name as the operator gave it, or `environment`. */
  readonly file: string
  /** From 1; 0 when the source has no lines. */
  readonly line: number
}

/** A value as it stands in a source. */
export interface RawSetting {
  readonly group: string
  readonly key: string
  readonly value: string
  readonly place: Place
}

/** A line that is neither a group, a setting, a comment nor a continuation. */
export interface IniProblem {
  readonly place: Place
  readonly message: string
}

/** Every setting of a file in its order, and every line that could not be read. */
export function parseIni(
  text: string,
  file: string,
): { readonly settings: readonly RawSetting[]; readonly problems: readonly IniProblem[] } {
  const settings: RawSetting[] = []
  const problems: IniProblem[] = []
  let group = 'DEFAULT'
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    const place = { file, line: index + 1 }
    if (line.trim() === '' || /^\s*[#;]/.test(line)) continue
    const last = settings.at(-1)
    if (/^\s/.test(line) && last?.group === group) {
      settings[settings.length - 1] = { ...last, value: `${last.value}\n${line.trim()}` }
      continue
    }
    const section = /^\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(line.trim())
    if (section) {
      group = section[1]?.trim() ?? ''
      if (group === '') problems.push({ place, message: 'a group needs a name' })
      continue
    }
    const setting = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line.trim())
    if (setting?.[1] === undefined)
      problems.push({ place, message: 'this line is neither a [group] nor option = value' })
    else settings.push({ group, key: setting[1], value: unquoted(setting[2]?.trim() ?? ''), place })
  }
  return { settings, problems }
}

function unquoted(value: string): string {
  const match = /^(["'])(.*)\1$/s.exec(value)
  return match?.[2] !== undefined && !match[2].includes(match[1] ?? '') ? match[2] : value
}
