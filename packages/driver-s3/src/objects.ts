/** What lies under a key of the bucket. */
import { randomBytes } from 'node:crypto'
import { isStoreError, StoreError } from '@glance/core'
import type { Service } from './service.ts'

/** The name, in an object's metadata, of the token of the add that made it. */
const tokenName = 'glance-upload'

/** An object as its headers tell. */
export interface ObjectFacts {
  /** Bytes. */
  readonly size: number
  readonly etag: string | undefined
  /** The token of the add that made it, if it was one of ours. */
  readonly token: string | undefined
}

/** A new token, by which an add knows its own object again when the answer to its request was lost. */
export function newToken(): string {
  return randomBytes(12).toString('hex')
}

/** The metadata of an object that an add makes. */
export function metadataOf(token: string): Record<string, string> {
  return { [tokenName]: token }
}

/** Looks at an object. @returns null when there is none. @throws StoreError */
export async function lookAt(
  service: Service,
  key: string,
  how: { readonly signal: AbortSignal; readonly doing: 'read' | 'write' | 'delete'; readonly bucket?: string },
): Promise<ObjectFacts | null> {
  const { signal, doing, bucket: Bucket = service.bucket } = how
  try {
    const { ContentLength, ETag, Metadata } = await service.call('HeadObject', { Bucket, Key: key }, { signal, doing })
    return { size: ContentLength ?? 0, etag: ETag, token: Metadata?.[tokenName] }
  } catch (error) {
    if (isStoreError(error) && error.code === 'NOT_FOUND') return null
    throw error
  }
}

/**
 * Looks at an object that has to be there.
 *
 * @throws StoreError NOT_FOUND, unless the whole bucket is away: an answer to HEAD has no body that could tell one from the other
 */
export async function lookAtPresent(
  service: Service,
  key: string,
  how: { readonly signal: AbortSignal; readonly doing: 'read' | 'delete' },
): Promise<ObjectFacts> {
  const facts = await lookAt(service, key, how)
  if (facts !== null) return facts
  await assertBucket(service, how.signal)
  throw new StoreError('NOT_FOUND', 'there is no object of this image')
}

/** Asks for the bucket. @throws StoreError UNAVAILABLE when it is not there, and what else `call` throws */
export async function assertBucket(service: Service, signal: AbortSignal): Promise<void> {
  try {
    await service.call('HeadBucket', {}, { signal, doing: 'read', what: 'the bucket' })
  } catch (error) {
    if (!isStoreError(error) || error.code !== 'NOT_FOUND') throw error
    throw new StoreError('UNAVAILABLE', 'the bucket is not there', { cause: error.cause })
  }
}
