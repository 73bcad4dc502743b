/**
 * Large objects: segments beside the image's name, and a manifest under it.
 *
 * Segments are objects `IMAGE-UPLOAD-00000001`, `…2` and so on in the container of the image, with a word of the upload, so that two uploads of one id never write over each other.
 * When all are there the manifest is published under the image's id: a list of them (static, SLO) or their prefix (dynamic, DLO). glance_store reads and deletes both.
 * After a failure every segment that may be there is removed.
 */
import { createHash } from 'node:crypto'
import { type Part, StoreError } from '@glance/core'
import type { SwiftClient } from './client.ts'
import { statusError } from './errors.ts'
import type { Place } from './location.ts'
import { assertEtag, etagOf, publish, removeObject } from './objects.ts'

/** A segment that Swift has. */
export interface Segment {
  readonly name: string
  readonly size: number
  readonly etag: string
}

/** What an upload in segments works on. */
export interface SegmentedUpload {
  readonly client: SwiftClient
  readonly place: Place
  /** The word of the upload. */
  readonly upload: string
  readonly what: string
}

/** Longest that the check of one segment of a manifest, or the copy of one MiB, is taken to last in Swift, in milliseconds. */
export const patiencePerStepMs = 500

/** Removals that run at the same time. */
const removals = 8

/** The name of a segment. */
export function segmentName({ place, upload }: Pick<SegmentedUpload, 'place' | 'upload'>, number: number): string {
  return `${place.object}-${upload}-${String(number).padStart(8, '0')}`
}

/** Whether an object is a segment of an image, as this driver names them. */
export function isSegmentOf(imageId: string, name: string): boolean {
  return name.startsWith(`${imageId}-`) && /^[0-9a-f]{16}-\d{8,}$/.test(name.slice(imageId.length + 1))
}

/** Sends one segment, with its MD5, which Swift checks. Repeats it while Swift cannot work. @throws StoreError by the status */
export async function putSegment(upload: SegmentedUpload, part: Part, signal: AbortSignal): Promise<Segment> {
  const name = segmentName(upload, part.number)
  const etag = createHash('md5').update(part.bytes).digest('hex')
  const what = `${upload.what}: segment ${part.number}`
  const { container } = upload.place
  const headers = { etag, 'content-type': 'application/octet-stream' }
  const answer = await upload.client.request({
    method: 'PUT',
    container,
    object: name,
    headers,
    body: part.bytes,
    what,
    signal,
  })
  if (answer.status >= 300) throw statusError(answer.status, what)
  assertEtag(etagOf(answer.headers), etag, what)
  return { name, size: part.bytes.byteLength, etag }
}

/**
 * Publishes the image that segments make up.
 *
 * @param isStatic - whether Swift checks and lists them (SLO)
 * @throws StoreError as `publish`; UNAVAILABLE when Swift misses a segment
 */
export async function publishSegments(
  { client, place, upload, what }: SegmentedUpload,
  segments: readonly Segment[],
  isStatic: boolean,
  signal: AbortSignal,
): Promise<void> {
  const type = { 'content-type': 'application/octet-stream' }
  if (!isStatic) {
    const manifest = `${encodeURIComponent(place.container)}/${encodeURIComponent(`${place.object}-${upload}-`)}`
    await publish(client, place, upload, { headers: { ...type, 'x-object-manifest': manifest }, what, signal })
    return
  }
  const list = segments.map(({ name, size, etag }) => ({
    path: `/${place.container}/${name}`,
    etag,
    size_bytes: size,
  }))
  await publish(client, place, upload, {
    query: { 'multipart-manifest': 'put' },
    headers: type,
    body: Buffer.from(JSON.stringify(list)),
    headersTimeoutMs: client.patience.headersMs + segments.length * patiencePerStepMs,
    what,
    signal,
  })
}

/** Removes segments from 1 to `last`, whether they are there or not. @throws StoreError for the first that could not be removed, after all were tried */
export async function removeSegments(upload: SegmentedUpload, last: number, signal: AbortSignal): Promise<void> {
  const names = Array.from({ length: last }, (_, index) => segmentName(upload, index + 1))
  await removeObjects(upload.client, upload.place.container, names, upload.what, signal)
}

/** Removes objects, several at a time. One that is gone is no error. @throws StoreError for the first that could not be removed, after all were tried */
export async function removeObjects(
  client: SwiftClient,
  container: string,
  names: readonly string[],
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const left = names.values()
  let failure: { readonly error: unknown } | null = null
  const worker = async (): Promise<void> => {
    for (const object of left) {
      await removeObject(client, { container, object }, what, signal).catch((error: unknown) => {
        failure ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: Math.min(removals, names.length) }, worker))
  if (failure) throw (failure as { readonly error: unknown }).error
}

/** Names of the objects of a container that begin with a prefix, page by page. A container that is not there has none. @throws StoreError by the status */
export async function* listObjects(
  client: SwiftClient,
  container: string,
  prefix: string,
  what: string,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedObject[], void, void> {
  for (let marker = ''; ; ) {
    const query = { format: 'json', prefix, ...(marker === '' ? {} : { marker }) }
    const answer = await client.request({ method: 'GET', container, query, what, signal })
    if (answer.status === 404 || answer.status === 204) return
    if (answer.status >= 300) throw statusError(answer.status, what)
    const page = listedFrom(answer.body, what)
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    marker = last.name
  }
}

/** An object in a listing. */
export interface ListedObject {
  readonly name: string
  readonly size: number
  readonly etag: string
}

function listedFrom(body: string, what: string): readonly ListedObject[] {
  try {
    const list: unknown = JSON.parse(body)
    if (!Array.isArray(list)) throw new TypeError('no list')
    return list.map(({ name, bytes, hash }) => ({ name: String(name), size: Number(bytes), etag: String(hash) }))
  } catch (cause) {
    throw new StoreError('UNAVAILABLE', `${what}: Swift sent a listing that cannot be read`, { cause })
  }
}
