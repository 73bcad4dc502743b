import { type FileHandle, open } from 'node:fs/promises'
import type { ImageClient } from '../client.ts'
import { ImageDataError } from '../errors.ts'
import type { UploadOptions } from '../image-data.ts'
import type { ImageDataSource } from '../outgoing-body.ts'

const READ_SIZE = 1_048_576

/**
 * Sends a file, or any source of image data, as the data of a queued image.
 *
 * The size of a regular file is announced, so that nothing is chunked and a file that changes while it is read is
 * noticed; a `size` given besides has to equal it. A pipe or device is sent until it ends.
 *
 * @throws ImageDataError SIZE_MISMATCH, ImageServiceError, ImageConnectionError, the system's error, or the signal's reason
 */
export async function uploadFile(
  client: ImageClient,
  imageId: string,
  source: string | ImageDataSource,
  options: UploadOptions = {},
): Promise<void> {
  if (typeof source !== 'string') return await client.data.upload(imageId, source, options)
  const handle = await open(source, 'r')
  try {
    const facts = await handle.stat()
    if (facts.isDirectory()) throw new TypeError(`${source} is a folder`)
    const size = facts.isFile() ? facts.size : (options.size ?? null)
    if (options.size !== undefined && options.size !== null && options.size !== size) {
      throw new ImageDataError('SIZE_MISMATCH', `${source} has ${size} bytes, but ${options.size} were announced`)
    }
    await client.data.upload(imageId, chunksOf(handle), { ...options, size })
  } finally {
    await handle.close()
  }
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array, void, void> {
  while (true) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_SIZE), 0, READ_SIZE, null)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}
