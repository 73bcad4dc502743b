/** Copying an image of another store of the same account, inside of Swift. */
import { type CopySource, StoreError } from '@glance/core'
import { cleanUpMs } from './add.ts'
import type { SwiftClient } from './client.ts'
import type { ClusterInfo } from './cluster-info.ts'
import { statusError } from './errors.ts'
import type { Place } from './location.ts'
import { assertEtag, etagOf, lookAt, type ObjectFacts, publish, takeBack } from './objects.ts'
import { dynamicSegments } from './remove.ts'
import {
  patiencePerStepMs,
  publishSegments,
  removeSegments,
  type Segment,
  type SegmentedUpload,
  segmentName,
} from './segments.ts'

/** One object that is a part of the source, or all of it. */
interface SourcePart {
  readonly container: string
  readonly name: string
  readonly size: number
  readonly etag: string
}

/** Copies that run at the same time. */
const parallel = 4

/**
 * Copies an image: each of its segments, or the one object that it is, becomes a segment of the copy, whose manifest is published last. (`If-None-Match` of a copying PUT is
 * asked of the source, so a copy right under the image's name could write over another image.)
 *
 * @returns false when the source is made of something that cannot be copied so; nothing was written
 * @throws StoreError NOT_FOUND | SIZE_MISMATCH; as `publish`
 */
export async function copyImage(
  upload: SegmentedUpload,
  from: Place,
  source: CopySource,
  { isStatic, cluster, signal }: { isStatic: boolean; cluster: ClusterInfo; signal: AbortSignal },
): Promise<boolean> {
  const { client, what } = upload
  const there = await lookAt(client, from, what, signal)
  if (there === null) throw new StoreError('NOT_FOUND', `${what}: there is nothing to copy`)
  if (there.size !== source.size)
    throw new StoreError('SIZE_MISMATCH', `${what}: the source has ${there.size} bytes and not ${source.size}`)
  const parts = await partsOf(client, from, there, what, signal)
  if (parts === null || (parts.length > cluster.maxManifestSegments && isStatic)) return false
  let started = 0
  try {
    if (there.size === 0) {
      await publish(client, upload.place, upload.upload, { headers: {}, what, signal })
      return true
    }
    const segments: Segment[] = []
    const failed = new AbortController()
    const both = AbortSignal.any([signal, failed.signal])
    const left = parts.entries()
    const worker = async (): Promise<void> => {
      for (const [index, part] of left) {
        started = Math.max(started, index + 1)
        segments[index] = await copyPart(upload, part, index + 1, both)
      }
    }
    const lanes = Array.from({ length: Math.min(parallel, parts.length) }, () =>
      worker().catch((error: unknown) => {
        failed.abort(error)
        throw error
      }),
    )
    const ends = await Promise.allSettled(lanes)
    if (failed.signal.aborted) throw failed.signal.reason
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    await publishSegments(upload, segments, isStatic, signal)
    return true
  } catch (error) {
    const cleaning = AbortSignal.timeout(cleanUpMs)
    await takeBack(client, upload.place, upload.upload, what, cleaning).catch(() => {})
    await removeSegments(upload, started, cleaning).catch(() => {})
    throw error
  }
}

/** What an image is made of, null when that is a manifest this driver does not copy: of manifests, of ranges, or one that Swift does not show. */
async function partsOf(
  client: SwiftClient,
  place: Place,
  there: ObjectFacts,
  what: string,
  signal: AbortSignal,
): Promise<readonly SourcePart[] | null> {
  if (there.kind === 'plain')
    return there.etag === null
      ? null
      : [{ container: place.container, name: place.object, size: there.size, etag: there.etag }]
  if (there.kind === 'dlo') {
    const { container, segments } = await dynamicSegments(client, there, what, signal)
    const total = segments.reduce((sum, { size }) => sum + size, 0)
    return total === there.size ? segments.map((segment) => ({ container, ...segment })) : null
  }
  const query = { 'multipart-manifest': 'get' }
  const answer = await client.request({ method: 'GET', ...place, query, what, signal })
  if (answer.status >= 300) throw statusError(answer.status, what)
  return staticParts(answer.body)
}

/** The parts in a static manifest as Swift shows it. */
export function staticParts(body: string): readonly SourcePart[] | null {
  let list: unknown
  try {
    list = JSON.parse(body)
  } catch {
    return null
  }
  if (!Array.isArray(list)) return null
  const parts = list.map((entry: Readonly<Record<string, unknown>>) => {
    const [, container, name] = /^\/([^/]+)\/(.+)$/s.exec(String(entry['name'])) ?? []
    const { bytes: size, hash: etag } = entry
    const whole = !entry['sub_slo'] && entry['range'] === undefined && entry['data'] === undefined
    return whole &&
      container !== undefined &&
      name !== undefined &&
      typeof size === 'number' &&
      typeof etag === 'string'
      ? { container, name, size, etag }
      : null
  })
  return parts.every((part) => part !== null) ? parts : null
}

async function copyPart(
  upload: SegmentedUpload,
  part: SourcePart,
  number: number,
  signal: AbortSignal,
): Promise<Segment> {
  const name = segmentName(upload, number)
  const what = `${upload.what}: copying segment ${number}`
  const answer = await upload.client.request({
    method: 'PUT',
    container: upload.place.container,
    object: name,
    headers: {
      'x-copy-from': `/${encodeURIComponent(part.container)}/${encodeURIComponent(part.name)}`,
      'x-fresh-metadata': 'true',
      'content-type': 'application/octet-stream',
    },
    headersTimeoutMs: upload.client.patience.headersMs + (part.size / 1024 ** 2) * patiencePerStepMs,
    what,
    signal,
  })
  if (answer.status >= 300) throw statusError(answer.status, what)
  assertEtag(etagOf(answer.headers), part.etag, what)
  return { name, size: part.size, etag: part.etag }
}
