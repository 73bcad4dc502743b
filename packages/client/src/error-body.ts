/**
 * Reads the explanation out of an error answer.
 *
 * The service writes the same fault as an HTML page, as JSON or as plain text, depending on `Accept` and on who
 * answers: the API, its authentication filter or a proxy in front. Pages are read as python-glanceclient reads them:
 * tags go, empty and repeated lines go, the rest is joined by colons (`404 Not Found: No image found with ID X`).
 */

const MAX_BODY_BYTES = 65_536
const MAX_MESSAGE_LENGTH = 2_000

/** What an error answer says: `title` is the reason (`Not Found`), `message` the explanation, both possibly empty. */
export interface Fault {
  readonly title: string
  readonly message: string
}

/** Reads a fault from the answer's body, which is used up. A body that breaks off counts as far as it arrived. */
export async function readFault(response: Response): Promise<Fault> {
  const text = await readText(response)
  const type = response.headers.get('content-type') ?? ''
  const fault = type.includes('json') ? faultFromJson(text) : faultFromLines(text)
  return { title: fault.title, message: fault.message.slice(0, MAX_MESSAGE_LENGTH) }
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    while (bytes < MAX_BODY_BYTES) {
      const { done, value } = await reader.read()
      if (done) break
      bytes += value.byteLength
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // The status is known and is what matters; a lost tail of the page is no reason to hide it.
  }
  reader.cancel().catch(() => {})
  return text
}

function faultFromJson(text: string): Fault {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return faultFromLines(text)
  }
  // `{message, title}` comes from the API, `{error: {message, title}}` from the authentication filter.
  const objects = [body, ...(isRecord(body) ? Object.values(body) : [])].filter(isRecord)
  const titles = objects.map((object) => object['title']).filter((title) => typeof title === 'string')
  const messages = objects.map((object) => object['message']).filter((message) => typeof message === 'string')
  return { title: titles[0] ?? '', message: messages.flatMap(linesOf).join(': ') }
}

function faultFromLines(text: string): Fault {
  const lines = linesOf(text)
  const heading = /^\d{3} (.*)$/.exec(lines[0] ?? '')
  if (heading === null) return { title: '', message: lines.join(': ') }
  return { title: heading[1] ?? '', message: lines.slice(1).join(': ') }
}

function linesOf(text: string): string[] {
  const lines = text
    .replaceAll(/<br\s*\/?>/gi, '\n')
    .split('\n')
    .map((line) => decodeEntities(line.replaceAll(/<[^>]*>/g, '')).trim())
  return [...new Set(lines)].filter((line) => line !== '')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole
    const point = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
