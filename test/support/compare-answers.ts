/** Sends the same requests to a real glance-api and to ours, and tells where the answers differ. */
import type { Exchange } from './exchanges.ts'

/** An answer as it is compared: what differs by its nature (ids, times, addresses) is replaced. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A difference that is meant, and why. It has to occur: one that is gone must leave the list. */
export interface Intended<Sent extends Exchange = Exchange> {
  readonly why: string
  readonly isIt: (real: Answer, ours: Answer, exchange: Sent) => boolean
}

/** Whether two values are the same in JSON. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const compared = [
  'content-type',
  'location',
  'allow',
  'accept-patch',
  'content-md5',
  'content-range',
  'openstack-image-store-ids',
  'vary',
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
  'access-control-max-age',
]

/** Sends one exchange to one side and makes the answer comparable. */
export async function answerOf(base: string, exchange: Exchange, ids: Map<string, string>): Promise<Answer> {
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

/** What came of a row of exchanges. */
export interface Comparison {
  /** Answers that differ and are not meant to. */
  readonly differences: readonly unknown[]
  /** Why of the intended differences that did not occur. */
  readonly missed: readonly string[]
}

/** Sends exchanges in their order, each to both sides before the next. @param answers - of the real one and of ours */
export async function differencesOf<Sent extends Exchange>(
  exchanges: readonly Sent[],
  intended: readonly Intended<Sent>[],
  answers: (exchange: Sent) => Promise<readonly [Answer, Answer]>,
): Promise<Comparison> {
  const met = new Set<Intended<Sent>>()
  const differences: unknown[] = []
  for (const exchange of exchanges) {
    const [real, ours] = await answers(exchange)
    if (same(real, ours)) continue
    const meant = intended.find(({ isIt }) => isIt(real, ours, exchange))
    if (meant) met.add(meant)
    else differences.push({ request: `${exchange.method} ${exchange.path}`, body: exchange.body, real, ours })
  }
  return { differences, missed: intended.filter((each) => !met.has(each)).map(({ why }) => why) }
}

/** Sends exchanges to both sides and compares the answers; what one of them named (`as`) is known to the later ones, on each side for itself. */
export function compareAnswers(
  bases: { readonly real: string; readonly ours: string },
  exchanges: readonly Exchange[],
  intended: readonly Intended[],
): Promise<Comparison> {
  const ids = [new Map<string, string>(), new Map<string, string>()] as const
  return differencesOf(exchanges, intended, async (exchange) => [
    await answerOf(bases.real, exchange, ids[0]),
    await answerOf(bases.ours, exchange, ids[1]),
  ])
}
