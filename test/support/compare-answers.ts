/**
 * Sends the same requests to a real glance-api and to ours, and tells where the answers differ: in status, in the headers that count, or in the body.
 */
import type { Exchange } from './exchanges.ts'

/** An answer as it is compared: what differs by its nature (ids, times, addresses) is replaced. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A difference that is meant, and why. It has to occur: one that is gone must leave the list. */
export interface Intended {
  readonly why: string
  readonly isIt: (real: Answer, ours: Answer, exchange: Exchange) => boolean
}

/** Whether two values are the same as JSON. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What differed and was not meant, and the reasons of those differences that were meant and did not occur. */
export interface Comparison {
  readonly differences: readonly unknown[]
  readonly notMet: readonly string[]
}

/** Sends exchanges to both sides, one after the other, and compares the answers. */
export async function compareAnswers(
  { real, ours }: { readonly real: string; readonly ours: string },
  exchanges: readonly Exchange[],
  intended: readonly Intended[],
): Promise<Comparison> {
  const ids = [new Map<string, string>(), new Map<string, string>()] as const
  const met = new Set<Intended>()
  const differences: unknown[] = []
  for (const exchange of exchanges) {
    const [theirs, own] = [await answerOf(real, exchange, ids[0]), await answerOf(ours, exchange, ids[1])]
    if (same(theirs, own)) continue
    const meant = intended.find(({ isIt }) => isIt(theirs, own, exchange))
    if (meant) met.add(meant)
    else
      differences.push({
        request: `${exchange.method} ${exchange.path}`,
        body: exchange.body,
        real: theirs,
        ours: own,
      })
  }
  return { differences, notMet: intended.filter((each) => !met.has(each)).map(({ why }) => why) }
}

const compared = [
  'content-type',
  'location',
  'allow',
  'accept-patch',
  'content-md5',
  'content-range',
  'openstack-image-store-ids',
]

/** Sends one exchange to one side and makes the answer comparable. */
async function answerOf(base: string, exchange: Exchange, ids: Map<string, string>): Promise<Answer> {
  const filled = (text: string): string => text.replace(/\{(\w)\}/g, (whole, name: string) => ids.get(name) ?? whole)
  const { method, path, headers = {}, body, as } = exchange
  const sent = typeof body === 'string' ? filled(body) : body
  const answer = await fetch(base + filled(path), {
    method,
    headers,
    redirect: 'manual',
    ...(sent === undefined || method === 'GET' || method === 'HEAD' ? {} : { body: sent as string }),
  })
  let text = await answer.text()
  const type = answer.headers.get('content-type') ?? ''
  if (type.includes('json')) {
    const json = JSON.parse(text) as { id?: string; tags?: string[]; images?: { tags: string[] }[] }
    if (as !== undefined && json.id !== undefined) ids.set(as, json.id)
    // Tags are a set; neither side promises an order.
    json.tags?.sort()
    for (const image of json.images ?? []) image.tags.sort()
    text = JSON.stringify(json)
  }
  const neutral = (raw: string): string => {
    let result = raw.replaceAll(base, '<base>')
    for (const [name, id] of ids) result = result.replaceAll(id, `<${name}>`)
    return result
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replaceAll(/"(created|updated)_at":"[^"]+"/g, '"$1_at":<time>')
  }
  const kept = compared.flatMap((name) => {
    const value = answer.headers.get(name)
    return value === null ? [] : [[name, neutral(value)] as const]
  })
  return { status: answer.status, headers: Object.fromEntries(kept), body: neutral(text) }
}
