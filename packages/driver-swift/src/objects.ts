/**
 * Objects of image data: looking at them, and putting the one under an image's name.
 *
 * That object appears last and all at once. Swift has no lock, and looks at `If-None-Match: *` when a PUT begins and not when it ends, so
 *
 *  1. the name is looked at before any data are sent, and again before the last bytes of a PUT that takes long;
 *  2. the PUT says `If-None-Match: *` and carries a word of its own (`X-Object-Meta-Glance-Upload`);
 *  3. when it is not clear what became of the PUT, the newest object is asked for that word: it tells our object, another one and none apart.
 */
import { StoreError } from '@glance/core'
import type { SwiftAnswer, SwiftClient, SwiftRequest } from './client.ts'
import { passes, statusError } from './errors.ts'
import { headerOf } from './headers.ts'
import type { Place } from './location.ts'

/** The header with the word of an upload. */
export const uploadHeader = 'x-object-meta-glance-upload'

/** What an object is. */
export interface ObjectFacts {
  /** Bytes of its data. */
  readonly size: number
  /** Without quotation marks; null when Swift gives none. */
  readonly etag: string | null
  /** The word of the upload that made it. */
  readonly upload: string | null
  readonly kind: 'plain' | 'slo' | 'dlo'
  /** `container/prefix` of the segments of a dynamic large object. */
  readonly manifest: string | null
}

/** Asks for an object, the newest replica of it. @returns null when it is not there @throws StoreError by any other status */
export async function lookAt(
  client: SwiftClient,
  place: Place,
  what: string,
  signal: AbortSignal,
): Promise<ObjectFacts | null> {
  const answer = await client.request({ method: 'HEAD', ...place, headers: { 'x-newest': 'true' }, what, signal })
  if (answer.status === 404) return null
  if (answer.status >= 300) throw statusError(answer.status, what)
  return factsFrom(answer.headers, what)
}

/** Asks for an object that has to be there. @throws StoreError NOT_FOUND; by any other status */
export async function lookAtPresent(
  client: SwiftClient,
  place: Place,
  what: string,
  signal: AbortSignal,
): Promise<ObjectFacts> {
  const there = await lookAt(client, place, what, signal)
  if (there === null) throw statusError(404, what)
  return there
}

/** Reads the headers of a GET or HEAD of a whole object. @throws StoreError UNAVAILABLE when there is no length */
export function factsFrom(headers: SwiftAnswer['headers'], what: string): ObjectFacts {
  const length = headerOf(headers, 'content-length')
  if (length === null || !/^\d+$/.test(length)) throw new StoreError('UNAVAILABLE', `${what}: Swift sent no length`)
  const manifest = headerOf(headers, 'x-object-manifest')
  const isStatic = headerOf(headers, 'x-static-large-object')?.toLowerCase() === 'true'
  return {
    size: Number(length),
    etag: etagOf(headers),
    upload: headerOf(headers, uploadHeader),
    kind: isStatic ? 'slo' : manifest === null ? 'plain' : 'dlo',
    manifest: manifest === null ? null : unescaped(manifest),
  }
}

/** The ETag of an answer without quotation marks and without the mark of a weak one. */
export function etagOf(headers: SwiftAnswer['headers']): string | null {
  return headerOf(headers, 'etag')?.replace(/^W\//, '').replaceAll('"', '') ?? null
}

/** @throws StoreError ALREADY_EXISTS when there is an object */
export async function assertFree(client: SwiftClient, place: Place, what: string, signal: AbortSignal): Promise<void> {
  if ((await lookAt(client, place, what, signal)) !== null) throw taken(what)
}

/**
 * Puts the object under an image's name, once. Repeats the request while it is certain that the one before had no effect.
 *
 * @param upload - the word of this upload
 * @param put - the PUT with its headers, of which `If-None-Match` and the word are added
 * @returns the ETag that Swift gave the object
 * @throws StoreError ALREADY_EXISTS when there is another object; by the status of the answer
 */
export async function publish(
  client: SwiftClient,
  place: Place,
  upload: string,
  put: Omit<SwiftRequest, 'method' | 'container' | 'object'>,
): Promise<string | null> {
  const headers = { ...put.headers, 'if-none-match': '*', [uploadHeader]: upload }
  const request: SwiftRequest = { ...put, ...place, method: 'PUT', headers }
  for (let tries = 0; ; tries += 1) {
    const answer = await client.once(request).catch((error: unknown) => ({ error }))
    if ('status' in answer && answer.status < 300) return etagOf(answer.headers)
    const settled = 'status' in answer && !passes(answer.status) && answer.status !== 412 && answer.status !== 409
    const failure = 'status' in answer ? statusError(answer.status, put.what) : answer.error
    if (settled || put.signal.aborted) throw failure
    const there = await lookAt(client, place, put.what, put.signal)
    if (there?.upload === upload) return there.etag
    if (there !== null) throw taken(put.what)
    const again = 'status' in answer && !passes(answer.status) ? new StoreError('UNAVAILABLE', put.what) : failure
    await client.pauseOrThrow(again, request, tries)
  }
}

/** Removes the object under an image's name if this upload has made it. Nothing there, or another one, is no error. */
export async function takeBack(
  client: SwiftClient,
  place: Place,
  upload: string,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const there = await lookAt(client, place, what, signal)
  if (there?.upload === upload) await removeObject(client, place, what, signal)
}

/** Removes one object, and nothing of what it refers to. Nothing there is no error. @throws StoreError by the status */
export async function removeObject(
  client: SwiftClient,
  place: Place,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const { status } = await client.request({ method: 'DELETE', ...place, what, signal })
  if (status >= 300 && status !== 404) throw statusError(status, what)
}

/** @throws StoreError UNAVAILABLE when Swift has other bytes than were sent */
export function assertEtag(got: string | null, expected: string, what: string): void {
  if (got !== null && got !== expected)
    throw new StoreError('UNAVAILABLE', `${what}: Swift has other bytes than were sent to it`)
}

function taken(what: string): StoreError {
  return new StoreError('ALREADY_EXISTS', `${what}: the image id is taken`)
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
