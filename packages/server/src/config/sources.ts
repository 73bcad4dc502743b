/**
 * The configuration as a whole: every file, then the environment, looked up by group and option.
 *
 * A later file wins over an earlier one, the environment (`OS_<GROUP>__<OPTION>`) wins over files, the command line wins over all (`overrides`). A key repeated in one file
 * keeps all its values, for options that are lists of lines.
 */
import { environmentName } from '@glance/core'
import type { Place, RawSetting } from './ini.ts'

/** The values of one option, and where the one that counts stands. */
export interface FoundSetting {
  readonly values: readonly string[]
  readonly place: Place
}

export interface SettingSources {
  /** One list for each file, in the order in which the files were read. */
  readonly files: readonly (readonly RawSetting[])[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Given on the command line, by group and option. */
  readonly overrides: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export class Settings {
  readonly #sources: SettingSources

  constructor(sources: SettingSources) {
    this.#sources = sources
  }

  /** The option's values, unsubstituted, or null when nothing sets it. */
  find(group: string, option: string): FoundSetting | null {
    const override = this.#sources.overrides[group]?.[option]
    if (override !== undefined) return { values: [override], place: { file: 'command line', line: 0 } }
    const variable = environmentName(group, option)
    const value = this.#sources.environment[variable]
    if (value !== undefined) return { values: [value], place: { file: `environment (${variable})`, line: 0 } }
    for (const file of this.#sources.files.toReversed()) {
      const found = file.filter((setting) => setting.group === group && setting.key === option)
      const last = found.at(-1)
      if (last) return { values: found.map((setting) => setting.value), place: last.place }
    }
    return null
  }

  /** Options that files set in a group, each once, with the place that counts. */
  inGroup(group: string): ReadonlyMap<string, Place> {
    const places = new Map<string, Place>()
    for (const setting of this.#sources.files.flat())
      if (setting.group === group) places.set(setting.key, setting.place)
    return places
  }

  /** Names of the groups that stand in files. */
  get groups(): readonly string[] {
    return [...new Set(this.#sources.files.flat().map((setting) => setting.group))]
  }
}
