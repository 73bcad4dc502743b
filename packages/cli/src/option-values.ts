import { InvalidArgumentError } from 'commander'

/** Parsers of option values. Each throws InvalidArgumentError, which ends in a usage error with exit code 2. */

const TRUE = new Set(['1', 't', 'true', 'on', 'y', 'yes'])
const FALSE = new Set(['0', 'f', 'false', 'off', 'n', 'no'])

/** A truth value in any of the spellings OpenStack takes; anything else is a mistake and not silently false. */
export function parseBoolean(text: string): boolean {
  const word = text.trim().toLowerCase()
  if (TRUE.has(word)) return true
  if (FALSE.has(word)) return false
  throw new InvalidArgumentError('expected True or False.')
}

/** A whole number that is not negative. */
export function parseCount(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new InvalidArgumentError('expected a whole number.')
}

/** A whole number of at least 1. */
export function parsePositive(text: string): number {
  const number = parseCount(text)
  if (number > 0) return number
  throw new InvalidArgumentError('expected a number above 0.')
}

/** A time in seconds above 0, fractions allowed. */
export function parseSeconds(text: string): number {
  const seconds = Number(text)
  // Timers count 31 bits of milliseconds.
  if (text.trim() !== '' && seconds > 0 && seconds <= 2_147_483) return seconds
  throw new InvalidArgumentError('expected seconds above 0.')
}

/** One of several `key=value`; the value may hold further equals signs. */
export function parsePair(text: string, previous: readonly (readonly [string, string])[] = []): [string, string][] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('expected key=value.')
  return [...previous.map(([key, value]): [string, string] => [key, value]), [text.slice(0, at), text.slice(at + 1)]]
}

/** One of several texts. */
export function collect(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text]
}
