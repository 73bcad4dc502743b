import type { FileHandle } from 'node:fs/promises'
import { Interruption, StoreError } from '@glance/core'
import { storeErrorOf } from './errors.ts'
import { type Bounded, withinGrace } from './waiting.ts'

/** Which bytes of an open file to give, and how. */
export interface FileBodySettings {
  readonly offset: number
  readonly length: number
  /** Largest piece in bytes. */
  readonly piece: number
  readonly signal: AbortSignal
  readonly bounded: Bounded
}

/**
 * The bytes of a file, read into two buffers in turn: while the reader has one piece, the next one comes from the disk.
 *
 * A piece is valid until the next is asked for. The body owns the file and closes it at the end, after a failure, on an abort (also when
 * nobody reads), and by `return()`, also before the first piece was asked for and while a read is under way. A file that is shorter than it
 * was when it was opened makes it throw.
 *
 * @throws StoreError UNAVAILABLE | TIMEOUT | ABORTED | FORBIDDEN | UNKNOWN
 */
export class FileBody implements AsyncIterableIterator<Uint8Array> {
  /** Resolves when the file is closed. */
  readonly closed: Promise<void>
  readonly #handle: FileHandle
  readonly #settings: FileBodySettings
  /** Fires when the reader leaves. */
  readonly #left = new AbortController()
  readonly #signal: AbortSignal
  readonly #interruption: Interruption
  readonly #whenClosed: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly #pieces: AsyncGenerator<Uint8Array, void, void>
  #closing = false

  constructor(handle: FileHandle, settings: FileBodySettings) {
    this.#handle = handle
    this.#settings = settings
    this.closed = this.#whenClosed.promise
    this.#signal = AbortSignal.any([settings.signal, this.#left.signal])
    // Before the closing, which ends it: a read under way has to learn of the abort.
    this.#interruption = new Interruption(this.#signal, 'reading')
    this.#signal.addEventListener('abort', this.#close, { once: true })
    this.#pieces = this.#read()
    // An empty body holds no file open until somebody finds out that it is empty.
    if (settings.length === 0) this.#close()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array, void>> {
    return this.#pieces.next()
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    // First this, because a read under way holds the generator until it ends.
    this.#left.abort()
    await this.#pieces.return()
    await withinGrace(this.closed)
    return { done: true, value: undefined }
  }

  async *#read(): AsyncGenerator<Uint8Array, void, void> {
    const { offset, length, piece, bounded } = this.#settings
    const end = offset + length
    const buffers: Buffer[] = []
    let turn = 0
    const ahead = (position: number): Promise<Buffer> => {
      turn = 1 - turn
      const buffer = buffers[turn] ?? Buffer.allocUnsafeSlow(Math.min(piece, end - position))
      buffers[turn] = buffer
      const reading = bounded(readPiece(this.#handle, buffer, position, Math.min(buffer.length, end - position)))
      // It may fail while the reader is still busy with the piece before, or has gone.
      reading.catch(() => {})
      return reading
    }
    try {
      let reading: Promise<Buffer> | null = null
      for (let position = offset; position < end; ) {
        // Nothing more is read from a file that is being closed.
        if (this.#interruption.error) throw this.#interruption.error
        const bytes: Buffer = await this.#interruption.wait(reading ?? ahead(position))
        if (bytes.length === 0)
          throw new StoreError('UNAVAILABLE', `the file of the image ended ${end - position} bytes early`)
        position += bytes.length
        reading = position < end ? ahead(position) : null
        yield bytes
      }
    } catch (error) {
      // The reader has left; what ended the read concerns nobody.
      if (this.#left.signal.aborted && !this.#settings.signal.aborted) return
      throw storeErrorOf(error, 'read', 'the image')
    } finally {
      this.#close()
    }
  }

  /** Closes the file; after a read that is under way, for which Node waits. */
  readonly #close = (): void => {
    if (this.#closing) return
    this.#closing = true
    this.#interruption.end()
    this.#signal.removeEventListener('abort', this.#close)
    const done = (): void => this.#whenClosed.resolve()
    this.#handle.close().then(done, done)
  }
}

async function readPiece(handle: FileHandle, buffer: Buffer, position: number, length: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
