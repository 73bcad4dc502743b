import { pathOfLink } from './endpoint.ts'
import type { Transport } from './transport.ts'

/** What to read page by page. */
export interface PagedList {
  /** First page: path and query. */
  readonly path: string
  /** Member of the answer that holds the items (`images`). */
  readonly member: string
  /** Items to yield at most, or null for all. */
  readonly limit: number | null
  readonly signal: AbortSignal | undefined
}

/**
 * Yields the items of a list and fetches the next page when the last one is used up.
 *
 * Ends when the limit is reached or a page has no `next`. A `next` that leads to another host or back to a page already
 * read is an error, because the loop would leak the token or never end.
 *
 * @throws ImageServiceError (also UNEXPECTED_ANSWER), ImageConnectionError
 */
export async function* readPages<T>(
  transport: Transport,
  list: PagedList,
  parse: (item: unknown) => T,
): AsyncGenerator<T, void, void> {
  const seen = new Set<string>()
  let left = list.limit ?? Number.POSITIVE_INFINITY
  for (let path: string | null = list.path; path !== null && left > 0; ) {
    seen.add(path)
    const page = await transport.sendForJson({ method: 'GET', path, signal: list.signal })
    const { items, next } = parsePage(transport, page, list.member)
    for (const item of items) {
      yield parse(item)
      left -= 1
      if (left === 0) return
    }
    if (next === null) return
    path = pathOfLink(next, transport.endpoint)
    if (path === null) throw transport.unexpected(null, 'the next page is on another host')
    if (seen.has(path)) throw transport.unexpected(null, 'the next page is one already read')
  }
}

function parsePage(transport: Transport, page: unknown, member: string): { items: unknown[]; next: string | null } {
  const record: { readonly [name: string]: unknown } = typeof page === 'object' && page !== null ? { ...page } : {}
  const items = record[member]
  const next = record['next']
  if (!Array.isArray(items)) throw transport.unexpected(null, `the page has no list of ${member}`)
  return { items, next: typeof next === 'string' ? next : null }
}
