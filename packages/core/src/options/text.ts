/**
 * Text of a configuration file to typed values, as oslo.config reads it, with units where Glance has bare numbers.
 *
 * Each function throws an Error whose message continues the sentence "option x …".
 */

const sizes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1024 ** 4,
  tib: 1024 ** 4,
}

const seconds: Readonly<Record<string, number>> = { '': 1, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }

/** Digits with an optional sign; underscores between digits are tolerated as Python does. */
export function integerFromText(raw: string): number {
  if (!/^[+-]?\d+(_\d+)*$/.test(raw)) throw new Error('must be a whole number')
  const value = Number(raw.replaceAll('_', ''))
  // 2^63 and 1 TiB are legal in Glance; beyond what a double holds exactly nobody stores images.
  return Math.max(Math.min(value, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER)
}

/** An amount of bytes; `unit` is what a bare number counts in, a unit by its name or a number of bytes. */
export function bytesFromText(raw: string, unit: string | number = ''): number {
  const own = typeof unit === 'number' && /\d\s*$/.test(raw)
  const [number, size] = amount(raw, own ? { '': unit } : sizes, typeof unit === 'string' ? unit : '')
  return Math.min(Math.round(number * size), Number.MAX_SAFE_INTEGER)
}

/** A length of time in seconds. */
export function durationFromText(raw: string): number {
  const [number, factor] = amount(raw, seconds, '')
  return number * factor
}

function amount(raw: string, units: Readonly<Record<string, number>>, bare: string): [number, number] {
  const match = /^([+-]?\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(raw)
  const unit = (match?.[2] || bare).toLowerCase()
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  if (!match || factor === undefined)
    throw new Error(`must be a number with one of the units ${Object.keys(units).filter(Boolean).join(', ')}`)
  return [Number(match[1]), factor]
}

/** The words oslo.config takes for yes and no. */
export function flagFromText(raw: string): boolean {
  const word = raw.toLowerCase()
  if (['true', '1', 'on', 'yes'].includes(word)) return true
  if (['false', '0', 'off', 'no'].includes(word)) return false
  throw new Error('must be true or false')
}

/** Comma-separated texts, in order; blanks around them and empty ones are dropped, quotes keep a comma. */
export function listFromText(raw: string): string[] {
  const inner = raw.startsWith('[') && raw.endsWith(']') ? raw.slice(1, -1) : raw
  const items = inner.match(/\s*"[^"]*"\s*(?=,|$)|\s*'[^']*'\s*(?=,|$)|[^,]+/g) ?? []
  return items.map((item) => item.trim().replace(/^(["'])(.*)\1$/, '$2')).filter((item) => item !== '')
}

/** `name:value` pairs separated by commas; the first colon separates. */
export function mapFromText(raw: string): Record<string, string> {
  const inner = raw.startsWith('{') && raw.endsWith('}') ? raw.slice(1, -1) : raw
  const pairs: [string, string][] = listFromText(inner).map((item) => {
    const colon = item.indexOf(':')
    if (colon < 1) throw new Error('must be name:value pairs separated by commas')
    return [item.slice(0, colon).trim(), item.slice(colon + 1).trim()]
  })
  const twice = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) !== index)
  if (twice) throw new Error(`names ${JSON.stringify(twice[0])} twice`)
  return Object.fromEntries(pairs)
}
