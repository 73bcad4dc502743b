import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type IniProblem, parseIni, type RawSetting } from './ini.ts'

/** Configuration files that were asked for, read in the order in which they count. */
export interface ReadFiles {
  readonly settings: readonly (readonly RawSetting[])[]
  readonly problems: readonly IniProblem[]
  /** Paths as given, in order. */
  readonly files: readonly string[]
}

/**
 * Reads every `--config-file` in order, then every `*.conf` of every `--config-dir` in the order of names, as oslo.config does.
 *
 * What cannot be read is a problem, not an exception, so that all problems of a configuration are told together.
 */
export function readFiles(configFiles: readonly string[], configDirs: readonly string[]): ReadFiles {
  const problems: IniProblem[] = []
  const attempt = <T>(path: string, read: () => T, otherwise: T): T => {
    try {
      return read()
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      problems.push({
        place: { file: path, line: 0 },
        message: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`,
      })
      return otherwise
    }
  }
  const fromDirs = configDirs.flatMap((dir) =>
    attempt(dir, () => readdirSync(dir), [])
      .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      .toSorted()
      .map((name) => join(dir, name)),
  )
  const files = [...configFiles, ...fromDirs]
  const settings = files.map((path) => {
    const parsed = parseIni(
      attempt(path, () => readFileSync(path, 'utf8'), ''),
      path,
    )
    problems.push(...parsed.problems)
    return parsed.settings
  })
  return { settings, problems, files }
}
