/**
 * Content negotiation as WebOb does it, which answers for Glance: its rules are stricter than those of most servers, and clients have met them for years.
 *
 * A header that breaks the grammar of RFC 7231 in any place counts as none. A range with parameters (`application/json; charset=utf-8`) fits only an offer with the same ones, and ours have none.
 */

interface MediaRange {
  readonly type: string
  readonly hasParameters: boolean
  readonly quality: number
}

/** Longest header that is read; a longer one counts as none. */
const longest = 4096

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const weight = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Which of the offered types a request takes, the one it prefers first; of equals the one offered first.
 *
 * @param accept - the header; empty means that nothing is said, and then nothing fits
 */
export function acceptable(accept: string, offers: readonly string[]): readonly string[] {
  const ranges = accept.length > longest ? null : mediaRanges(accept)
  if (ranges === null) return offers
  return offers
    .map((type) => ({ type, quality: qualityOf(ranges, type) }))
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ type }) => type)
}

/** The most specific range that fits counts, and of several the first. */
function qualityOf(ranges: readonly MediaRange[], type: string): number {
  const family = type.slice(0, type.indexOf('/'))
  const fitting = [type, `${family}/*`, '*/*']
    .map((range) => ranges.find((each) => each.type === range && !each.hasParameters))
    .find((each) => each !== undefined)
  return fitting?.quality ?? 0
}

/** The ranges of a header; null when it breaks the grammar. */
function mediaRanges(accept: string): readonly MediaRange[] | null {
  const ranges: MediaRange[] = []
  for (const part of splitOutsideQuotes(accept, ',')) {
    if (part.trim() === '') continue
    const range = mediaRange(part.trim())
    if (range === null) return null
    ranges.push(range)
  }
  return ranges
}

function mediaRange(text: string): MediaRange | null {
  const [range = '', ...parameters] = splitOutsideQuotes(text, ';').map((each) => each.trim())
  const [type = '', subtype = '', ...more] = range.split('/')
  if (!token.test(type) || !token.test(subtype) || more.length > 0) return null
  if (type === '*' && subtype !== '*') return null
  // The weight parts the parameters of the type from those of the weight, which mean nothing to us.
  const at = parameters.findIndex((each) => /^q=/i.test(each))
  const ofType = at === -1 ? parameters : parameters.slice(0, at)
  const ofWeight = at === -1 ? [] : parameters.slice(at + 1)
  const quality = at === -1 ? '1' : (parameters[at] ?? '').slice(2)
  if (!weight.test(quality) || !ofType.every((each) => isParameter(each, true))) return null
  if (!ofWeight.every((each) => isParameter(each, false))) return null
  return { type: range.toLowerCase(), hasParameters: ofType.length > 0, quality: Number(quality) }
}

function isParameter(text: string, needsValue: boolean): boolean {
  const equals = text.indexOf('=')
  if (equals === -1) return !needsValue && token.test(text)
  const value = text.slice(equals + 1)
  return token.test(text.slice(0, equals)) && (token.test(value) || /^"(?:[^"\\]|\\.)*"$/.test(value))
}

function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (quoted && character === '\\') index += 1
    else if (character === '"') quoted = !quoted
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, text.slice(start)]
}
