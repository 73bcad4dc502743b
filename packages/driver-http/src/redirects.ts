import { StoreError } from '@glance/core'
import type { Dispatcher } from 'undici'
import { headerOf } from './headers.ts'
import { type HttpLocation, parseLocation } from './location.ts'

/** How far redirects are followed. */
export interface RedirectRules {
  readonly maxRedirects: number
  readonly allowHttpsToHttp: boolean
}

/** Glance follows the first two; the others mean the same for the reads that this driver does. */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Sends a request and follows redirects until an answer is none.
 *
 * Each target is parsed like a location of its own, and `send` checks its address when it connects. Credentials go on only to the server
 * they were written for; once dropped they do not come back, also when a later redirect leads home. A body of a redirect is thrown away.
 *
 * @param send - sends the same request to one location
 * @param what - operation and redacted location, for messages
 * @throws StoreError INVALID_LOCATION when there are too many, or one leads to something that is no allowed location; whatever `send` throws
 */
export async function followRedirects(
  start: HttpLocation,
  send: (location: HttpLocation) => Promise<Dispatcher.ResponseData>,
  rules: RedirectRules,
  what: string,
): Promise<Dispatcher.ResponseData> {
  let location = start
  for (let followed = 0; ; followed += 1) {
    const response = await send(location)
    if (!redirects.has(response.statusCode)) return response
    // Not drained for the next request on this connection: a body that never ends would hold the call.
    response.body.on('error', () => {}).destroy()
    if (followed === rules.maxRedirects)
      throw new StoreError('INVALID_LOCATION', `${what}: more than ${rules.maxRedirects} redirects`)
    location = redirectTarget(location, headerOf(response.headers, 'location'), rules, what)
  }
}

/** Where a redirect leads, with the credentials that may go there. @throws StoreError INVALID_LOCATION */
export function redirectTarget(
  from: HttpLocation,
  header: string | null,
  rules: RedirectRules,
  what: string,
): HttpLocation {
  let target: HttpLocation
  try {
    if (header === null) throw new TypeError('there is no location header')
    // An absolute target is kept letter by letter, for the same reason as in parseLocation; only a relative one is put together anew.
    target = parseLocation(/^https?:\/\//i.test(header) ? header : new URL(header, from.origin + from.path).href)
  } catch (cause) {
    throw new StoreError('INVALID_LOCATION', `${what}: it redirects to something that is no http location`, { cause })
  }
  if (from.scheme === 'https' && target.scheme === 'http' && !rules.allowHttpsToHttp)
    throw new StoreError('INVALID_LOCATION', `${what}: it redirects from https to http`)
  if (target.credentials !== null || target.origin !== from.origin) return target
  return { ...target, credentials: from.credentials }
}
