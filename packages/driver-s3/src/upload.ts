/**
 * An add: the data become one request when they are small, else a multipart upload of parts that are sent several at a time from memory that is used again.
 */
import { type Part, StoreError, sendParts } from '@glance/core'
import { MultipartUpload, type SentPart } from './multipart.ts'
import { metadataOf, newToken } from './objects.ts'
import { type PartSettings, planParts } from './part-size.ts'
import { cleanUpMs, type Publisher } from './publish.ts'
import type { Service } from './service.ts'

/** What an upload works with. */
export interface UploadTools {
  readonly service: Service
  readonly publisher: Publisher
  readonly parts: PartSettings
  /** Told when parts could not be removed. */
  readonly leftBehind: (error: unknown) => void
}

/**
 * Stores data under a key.
 *
 * @param size - announced bytes, null when unknown
 * @returns the bytes that were stored
 * @throws what the source throws, as it is; StoreError ALREADY_EXISTS | SIZE_MISMATCH | STORE_FULL | TOO_LARGE | WRITE_DENIED | UNAVAILABLE | TIMEOUT | ABORTED | UNKNOWN
 */
export async function upload(
  { service, publisher, parts: settings, leftBehind }: UploadTools,
  key: string,
  data: AsyncIterable<Uint8Array>,
  { size, signal }: { readonly size: number | null; readonly signal: AbortSignal },
): Promise<number> {
  const plan = planParts(size, settings)
  const token = newToken()
  const metadata = metadataOf(token)
  let begun: Promise<MultipartUpload> | null = null
  let total = 0

  const putWhole = (bytes: Uint8Array, until: AbortSignal): Promise<void> => {
    assertSize(size, bytes.byteLength)
    return publisher.publish({ key, token, size: bytes.byteLength }, 'PutObject', until, (condition, late) =>
      service.call(
        'PutObject',
        { ...condition, Key: key, Body: bytes, ContentLength: bytes.byteLength, Metadata: metadata },
        { signal: late, doing: 'write' },
      ),
    )
  }
  const send = async ({ number, bytes, last }: Part, until: AbortSignal): Promise<SentPart | null> => {
    total += bytes.byteLength
    const whole = number === 1 && last
    if (bytes.byteLength === 0 || (whole && bytes.byteLength < settings.singleBelow)) {
      await putWhole(bytes, until)
      return null
    }
    begun ??= MultipartUpload.begin(service, key, metadata, until)
    return (await begun).send(number, bytes, until)
  }

  try {
    const sent = await sendParts(data, { partSize: plan.sizeOf, parallel: plan.parallelOf, signal }, send)
    const parts = sent.filter((part) => part !== null)
    if (begun === null) return total
    assertSize(size, total)
    const multipart = await (begun as Promise<MultipartUpload>)
    await publisher.publish({ key, token, size: total }, 'CompleteMultipartUpload', signal, (condition, late) =>
      multipart.complete(parts, condition, late),
    )
    return total
  } catch (error) {
    const open = await (begun as Promise<MultipartUpload> | null)?.catch(() => null)
    await open?.abort(AbortSignal.timeout(cleanUpMs)).catch(leftBehind)
    throw error
  }
}

function assertSize(announced: number | null, actual: number): void {
  if (announced !== null && announced !== actual)
    throw new StoreError('SIZE_MISMATCH', `the data have ${actual} bytes of ${announced} that were announced`)
}
