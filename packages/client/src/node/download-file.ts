import type { ImageClient } from '../client.ts'
import type { Image } from '../image.ts'
import { TargetFile } from './target-file.ts'
import { Verifier, type VerifierOptions } from './verifier.ts'

/** How to fetch image data into a file. */
export interface DownloadFileOptions extends VerifierOptions {
  readonly signal?: AbortSignal | undefined
  /** Stores to try first, best first. */
  readonly prefer?: readonly string[]
  /** Told the bytes written so far and the bytes in all, or null when unknown, after each chunk. */
  readonly onProgress?: (bytes: number, total: number | null) => void
}

/** A file that was fetched. */
export interface DownloadedFile {
  readonly bytes: number
  /** The hash that agreed, or null when the service knows none. */
  readonly algorithm: string | null
}

/**
 * Fetches image data into a file and verifies them, or returns null and touches nothing when the image has none.
 *
 * The target changes only after the last byte is verified and on disk. After a failure, a mismatch or an abort it is as
 * it was, and the part file beside it is gone. Memory in use is one chunk. `image` may be an id, which costs a call.
 *
 * @throws ImageDataError, ImageServiceError, ImageConnectionError, the system's error, or the signal's reason
 */
export async function downloadFile(
  client: ImageClient,
  image: Image | string,
  path: string,
  options: DownloadFileOptions = {},
): Promise<DownloadedFile | null> {
  const { signal, prefer = [], onProgress } = options
  const record = typeof image === 'string' ? await client.images.get(image, { signal }) : image
  const data = await client.data.download(record.id, { signal, prefer })
  if (data === null) return null
  const reader = data.body.getReader()
  let file: TargetFile | null = null
  try {
    const verifier = new Verifier(record, data.contentMd5, options)
    file = await TargetFile.open(path)
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      verifier.update(part.value)
      await file.write(part.value)
      onProgress?.(verifier.bytes, data.size ?? record.size)
    }
    verifier.check()
    signal?.throwIfAborted()
    await file.publish()
    return { bytes: verifier.bytes, algorithm: verifier.algorithm }
  } catch (error) {
    reader.cancel(error).catch(() => {})
    await file?.discard()
    throw error
  }
}
