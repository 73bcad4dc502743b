/** Copies within the service, whose bytes do not pass through this process. */
import { isStoreError, StoreError } from '@glance/core'
import { MultipartUpload, type SentPart } from './multipart.ts'
import { lookAt, metadataOf, newToken, type ObjectFacts } from './objects.ts'
import { rangesOf } from './part-size.ts'
import { cleanUpMs } from './publish.ts'
import type { UploadTools } from './upload.ts'

/** Where a copy comes from. */
export interface CopyOrigin {
  readonly bucket: string
  readonly key: string
  /** Bytes that the record says are there. */
  readonly size: number
}

/** How much one request copies. */
export interface CopyLimits {
  /** Largest object that CopyObject takes: 5 GiB. */
  readonly whole: number
  /** Bytes of a part beyond that. */
  readonly part: number
  /** Parts that are copied at the same time. */
  readonly parallel: number
}

/**
 * Copies an object under a new key of the store's bucket.
 *
 * @returns false when the credentials do not reach the source; nothing was written then
 * @throws StoreError as `upload`, NOT_FOUND when there is no source, SIZE_MISMATCH when it has another size
 */
export async function copyObject(
  tools: UploadTools,
  key: string,
  origin: CopyOrigin,
  { signal, limits }: { readonly signal: AbortSignal; readonly limits: CopyLimits },
): Promise<boolean> {
  const { service, publisher } = tools
  const facts = await lookAtOrigin(tools, origin, signal)
  if (facts === null) return false
  const token = newToken()
  const expected = { key, token, size: facts.size }
  // Without a condition on the ETag: Swift compares it with that of a manifest, which nobody else sees.
  const source = { CopySource: `${origin.bucket}/${encodeURIComponent(origin.key)}` }
  if (facts.size <= limits.whole) {
    const replaced = { ...source, Key: key, MetadataDirective: 'REPLACE', Metadata: metadataOf(token) } as const
    await publisher.publish(expected, 'CopyObject', signal, (condition, late) =>
      service.call('CopyObject', { ...replaced, ...condition }, { signal: late, doing: 'write' }),
    )
    return true
  }
  const multipart = await MultipartUpload.begin(service, key, metadataOf(token), signal)
  try {
    const parts = await copyParts(multipart, source, facts.size, { signal, limits })
    const after = await lookAtOrigin(tools, origin, signal)
    if (after?.etag !== facts.etag) throw new StoreError('NOT_FOUND', 'the object was replaced while it was copied')
    await publisher.publish(expected, 'CompleteMultipartUpload', signal, (condition, late) =>
      multipart.complete(parts, condition, late),
    )
    return true
  } catch (error) {
    await multipart.abort(AbortSignal.timeout(cleanUpMs)).catch(tools.leftBehind)
    throw error
  }
}

/** The source of a copy, null when it is somebody else's. */
async function lookAtOrigin(
  { service }: UploadTools,
  origin: CopyOrigin,
  signal: AbortSignal,
): Promise<ObjectFacts | null> {
  try {
    const facts = await lookAt(service, origin.key, { signal, doing: 'read', bucket: origin.bucket })
    if (facts === null) throw new StoreError('NOT_FOUND', 'there is no object to copy')
    if (facts.size === origin.size) return facts
    throw new StoreError('SIZE_MISMATCH', `the object to copy has ${facts.size} bytes and not ${origin.size}`)
  } catch (error) {
    if (isStoreError(error) && error.code === 'FORBIDDEN') return null
    throw error
  }
}

/** Copies ranges, several at a time. When it rejects none is under way any more. */
async function copyParts(
  multipart: MultipartUpload,
  source: { readonly CopySource: string },
  size: number,
  { signal, limits }: { readonly signal: AbortSignal; readonly limits: CopyLimits },
): Promise<readonly SentPart[]> {
  const failed = new AbortController()
  const both = AbortSignal.any([signal, failed.signal])
  const ranges = rangesOf(size, limits.part).entries()
  const parts: SentPart[] = []
  const work = async (): Promise<void> => {
    for (const [index, { first, last }] of ranges) {
      const part = { ...source, CopySourceRange: `bytes=${first}-${last}` }
      parts[index] = await multipart.copy(index + 1, part, both)
    }
  }
  const workers = Array.from({ length: limits.parallel }, async () => {
    try {
      await work()
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
  const ends = await Promise.allSettled(workers)
  if (failed.signal.aborted) throw failed.signal.reason
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return parts
}
