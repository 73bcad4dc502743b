/** The value of `user_storage_quota`, in Glance's own syntax: units in capitals, each 1024 times the one before, nothing between number and unit. */
import type { ConfigProblem } from './problem.ts'
import type { Settings } from './sources.ts'

const units: Readonly<Record<string, number>> = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4 }

/** Bytes, or null when the text is no quota. */
export function parseStorageQuota(text: string): number | null {
  const [, number, unit = 'B'] = /^(\d+)([KMGT]?B)?$/.exec(text) ?? []
  return number === undefined ? null : Number(number) * 1024 ** (units[unit] ?? 0)
}

/** What is wrong with a text that is no quota. */
export function storageQuotaProblem(text: string, settings: Settings): ConfigProblem {
  const option = 'user_storage_quota'
  return {
    place: settings.find('DEFAULT', option)?.place ?? null,
    group: 'DEFAULT',
    option,
    message: `must be a whole number with B, KB, MB, GB or TB right behind it, or without a unit, not ${text.slice(0, 40)}`,
  }
}
