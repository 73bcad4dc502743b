/**
 * What a connector says of itself: the document `.conf` below its alias.
 *
 * Rings from generation 5 on answer JSON, older ones lines of `key=value`. Scality's Python client reads both line by line and wants one line that switches `by_path_enabled`
 * on; a compact JSON document would not pass there. Here JSON is read as JSON, and the lines are the way for everything else.
 */

/** What matters of the document. */
export interface ConnectorConf {
  /** Whether names may be used instead of keys of the ring. */
  readonly byPath: boolean
  /** Name of the ring, null when the document does not tell. */
  readonly ring: string | null
}

/** As in Scality's client, with any case and any of its separators. */
const byPathLine = /^\s*"?by_path_enabled"?["\s:=]+"?(1|true)"?\s*,?\s*$/im
const ringLine = /^\s*"?ring"?\s*[:=]\s*"?([^",\r\n]+?)"?\s*,?\s*$/im

/**
 * Reads the document of a connector.
 *
 * A connector serves several drivers of rings under an alias each. The one of this alias decides; without one of that name any that has names switched on will do, as the alias of
 * the URL may be the front server's own.
 */
export function parseConnectorConf(text: string, alias: string): ConnectorConf {
  const document = parseJson(text)
  if (document === null) return { byPath: byPathLine.test(text), ring: ringLine.exec(text)?.[1] ?? null }
  const drivers = Object.entries(document).flatMap(([name, value]) =>
    name.startsWith('ring_driver') && isRecord(value) ? [value] : [],
  )
  const own = drivers.filter((driver) => driver['alias'] === alias)
  const general = document['general']
  const ring = isRecord(general) ? general['ring'] : undefined
  return {
    byPath: (own.length > 0 ? own : drivers).some((driver) => isOn(driver['by_path_enabled'])),
    ring: typeof ring === 'string' && ring !== '' ? ring : null,
  }
}

function isOn(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || (typeof value === 'string' && value.toLowerCase() === 'true')
}

function parseJson(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
