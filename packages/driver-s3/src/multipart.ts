/**
 * One multipart upload: begun, given parts in any order, and then completed or aborted.
 *
 * Until it is completed nothing is visible under the key, but the service keeps (and charges) what was sent, so every way out that is no completion aborts it. A part that
 * was under way then may land after the abort, so the parts are listed until the upload is gone.
 */
import { nativeNameOf } from './errors.ts'
import type { Condition } from './publish.ts'
import type { InputOf, OutputOf, Service } from './service.ts'

/** A part as the completion lists it. */
export interface SentPart {
  readonly PartNumber: number
  readonly ETag: string
}

/** How often an abort is repeated while parts still turn up. */
const abortRounds = 8

export class MultipartUpload {
  readonly #service: Service
  readonly #key: string
  readonly #id: string

  private constructor(service: Service, key: string, id: string) {
    this.#service = service
    this.#key = key
    this.#id = id
  }

  /** Begins an upload. @throws StoreError */
  static async begin(
    service: Service,
    key: string,
    metadata: Record<string, string>,
    signal: AbortSignal,
  ): Promise<MultipartUpload> {
    const begun = await service.call(
      'CreateMultipartUpload',
      { Key: key, Metadata: metadata },
      { signal, doing: 'write' },
    )
    const upload = new MultipartUpload(service, key, begun.UploadId ?? '')
    // The answer to an earlier try may have been lost, and its upload with it.
    if ((begun.$metadata.attempts ?? 1) > 1) await abortUploads(service, key, signal, upload.#id).catch(() => {})
    return upload
  }

  /** Sends a part. `bytes` has to stay as it is until this settles. @throws StoreError */
  async send(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<SentPart> {
    const input = {
      Key: this.#key,
      UploadId: this.#id,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.byteLength,
    }
    const { ETag } = await this.#service.call('UploadPart', input, { signal, doing: 'write' })
    return { PartNumber: number, ETag: ETag ?? '' }
  }

  /** Lets the service fill a part from an object of its own. @throws StoreError */
  async copy(
    number: number,
    source: Pick<InputOf<'UploadPartCopy'>, 'CopySource' | 'CopySourceRange'>,
    signal: AbortSignal,
  ): Promise<SentPart> {
    const input = { ...source, Key: this.#key, UploadId: this.#id, PartNumber: number }
    const { CopyPartResult } = await this.#service.call('UploadPartCopy', input, { signal, doing: 'write' })
    return { PartNumber: number, ETag: CopyPartResult?.ETag ?? '' }
  }

  /** Joins the parts into the object. @throws StoreError */
  async complete(parts: readonly SentPart[], condition: Condition, signal: AbortSignal): Promise<void> {
    const input = { ...condition, Key: this.#key, UploadId: this.#id, MultipartUpload: { Parts: [...parts] } }
    await this.#service.call('CompleteMultipartUpload', input, { signal, doing: 'write' })
  }

  /** Gives the upload up. @throws StoreError when parts may be left */
  async abort(signal: AbortSignal): Promise<void> {
    await abortUntilGone(this.#service, this.#key, this.#id, signal)
  }
}

/** Aborts an upload until the service knows nothing of it any more. @throws StoreError */
async function abortUntilGone(service: Service, key: string, id: string, signal: AbortSignal): Promise<void> {
  const upload = { Key: key, UploadId: id }
  for (let round = 0; round < abortRounds; round += 1) {
    await ignoringAbsence(service.call('AbortMultipartUpload', upload, { signal, doing: 'delete', what: 'parts' }))
    const listing = service.call('ListParts', { ...upload, MaxParts: 1 }, { signal, doing: 'read', what: 'parts' })
    if ((await ignoringAbsence(listing)) === null) return
  }
}

/**
 * Aborts every upload of a key, but the one that is named.
 *
 * @throws StoreError
 */
export async function abortUploads(
  service: Service,
  key: string,
  signal: AbortSignal,
  except: string | null = null,
): Promise<void> {
  let from: Pick<InputOf<'ListMultipartUploads'>, 'KeyMarker' | 'UploadIdMarker'> = {}
  const found: string[] = []
  for (;;) {
    const how = { signal, doing: 'read', what: 'unfinished uploads' } as const
    const page: OutputOf<'ListMultipartUploads'> = await service.call(
      'ListMultipartUploads',
      { Prefix: key, ...from },
      how,
    )
    for (const { Key, UploadId } of page.Uploads ?? [])
      if (Key === key && UploadId && UploadId !== except) found.push(UploadId)
    if (!page.IsTruncated || !page.NextKeyMarker) break
    from = {
      KeyMarker: page.NextKeyMarker,
      ...(page.NextUploadIdMarker && { UploadIdMarker: page.NextUploadIdMarker }),
    }
  }
  for (const id of found) await abortUntilGone(service, key, id, signal)
}

/** What a call answers, null when the upload is not there: NoSuchUpload, and NoSuchKey from Ceph's gateway. */
async function ignoringAbsence<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    const name = nativeNameOf(error)
    if (name === 'NoSuchUpload' || name === 'NoSuchKey') return null
    throw error
  }
}
