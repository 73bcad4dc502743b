/** Removing an image, however it is stored. */
import { StoreError } from '@glance/core'
import type { SwiftClient } from './client.ts'
import { statusError } from './errors.ts'
import type { Place } from './location.ts'
import { lookAt, type ObjectFacts, removeObject } from './objects.ts'
import { isSegmentOf, listObjects, patiencePerStepMs, removeObjects } from './segments.ts'

/** Most segments of a manifest that Swift removes in one request. */
const mostSegments = 1000

/**
 * Removes an image with its segments.
 *
 * Segments go first, so that a removal which was interrupted can be repeated.
 *
 * @throws StoreError NOT_FOUND; by the status
 */
export async function removeImage(client: SwiftClient, place: Place, what: string, signal: AbortSignal): Promise<void> {
  const there = await lookAt(client, place, what, signal)
  if (there === null) throw new StoreError('NOT_FOUND', `${what}: Swift has no such object`)
  if (there.kind === 'slo') return removeStatic(client, place, what, signal)
  if (there.kind === 'dlo') await removeDynamicSegments(client, place, there, what, signal)
  await removeObject(client, place, what, signal)
}

/** Removes whatever an upload of an image left: the image, and segments that belong to none. */
export async function removeLeftovers(
  client: SwiftClient,
  place: Place,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await lookAt(client, place, what, signal)) !== null) await removeImage(client, place, what, signal)
  for await (const page of listObjects(client, place.container, `${place.object}-`, what, signal)) {
    const names = page.map(({ name }) => name).filter((name) => isSegmentOf(place.object, name))
    await removeObjects(client, place.container, names, what, signal)
  }
}

/** Segments of a dynamic large object, in order. */
export async function dynamicSegments(
  client: SwiftClient,
  { manifest }: ObjectFacts,
  what: string,
  signal: AbortSignal,
): Promise<{ readonly container: string; readonly segments: readonly { name: string; size: number; etag: string }[] }> {
  const slash = manifest?.indexOf('/') ?? -1
  const container = manifest?.slice(0, slash) ?? ''
  const prefix = manifest?.slice(slash + 1) ?? ''
  if (slash < 1 || prefix === '') throw new StoreError('UNKNOWN', `${what}: the manifest names no segments`)
  const segments = []
  for await (const page of listObjects(client, container, prefix, what, signal)) segments.push(...page)
  return { container, segments }
}

/** Swift removes the segments and then the manifest, in one request whose answer says in its body how it went. */
async function removeStatic(client: SwiftClient, place: Place, what: string, signal: AbortSignal): Promise<void> {
  const answer = await client.request({
    method: 'DELETE',
    ...place,
    query: { 'multipart-manifest': 'delete' },
    headersTimeoutMs: client.patience.headersMs + mostSegments * patiencePerStepMs,
    what,
    signal,
  })
  if (answer.status === 404) return
  if (answer.status >= 300) throw statusError(answer.status, what)
  const status = statusInBody(answer.body)
  if (status !== null && status >= 300 && status !== 404) throw statusError(status, what)
}

/** The status in the body of a bulk removal, null when it has none (radosgw answers 204). */
export function statusInBody(body: string): number | null {
  try {
    const status = /^\d{3}/.exec(String(JSON.parse(body)['Response Status']))?.[0]
    return status === undefined ? null : Number(status)
  } catch {
    return null
  }
}

/**
 * Removes the segments of a dynamic large object whose prefix holds the name of the image; of any other prefix it cannot be said whose the objects are, and they stay.
 *
 * Of Glance's own prefix `IMAGE-` only names that end in a number are segments: another image may have a name that begins the same way.
 */
async function removeDynamicSegments(
  client: SwiftClient,
  place: Place,
  there: ObjectFacts,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const { container, segments } = await dynamicSegments(client, there, what, signal)
  const prefix = there.manifest?.slice(container.length + 1) ?? ''
  if (!prefix.includes(place.object)) return
  const numbered = prefix === `${place.object}-`
  const names = segments
    .map(({ name }) => name)
    .filter((name) => name !== place.object && (!numbered || /^\d+$/.test(name.slice(prefix.length))))
  await removeObjects(client, container, names, what, signal)
}
