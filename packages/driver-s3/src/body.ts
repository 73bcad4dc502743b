/** Bodies of answers: they end whole or they fail, and a pause counts only while somebody waits for the next piece. */
import type { Readable } from 'node:stream'
import { abortError, StoreError } from '@glance/core'

/** A body as the SDK gives it in Node. */
export type BodyStream = Readable

/** Gives exactly `length` bytes of a body. @throws StoreError UNAVAILABLE when it ends before, TIMEOUT when it pauses for too long; what the stream throws */
export async function* pieces(
  body: BodyStream,
  length: number,
  idleMs: number,
): AsyncGenerator<Uint8Array, void, void> {
  let left = length
  const timer = new IdleTimer(body, idleMs)
  try {
    timer.start()
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      timer.stop()
      const wanted = piece.byteLength > left ? piece.subarray(0, left) : piece
      left -= wanted.byteLength
      yield wanted
      if (left === 0) return
      timer.start()
    }
  } finally {
    timer.stop()
  }
  if (left > 0) throw endedEarly(left)
}

/** How a body is read into memory. */
export interface FillOptions {
  readonly idleMs: number
  readonly signal: AbortSignal
  /** Told of bytes as they lie in the memory. */
  readonly count: (bytes: number) => void
}

/** Fills memory from a body. After it has settled nothing is written there. @throws as `pieces`; StoreError ABORTED | TIMEOUT */
export async function fill(body: BodyStream, into: Uint8Array, { idleMs, signal, count }: FillOptions): Promise<void> {
  const timer = new IdleTimer(body, idleMs)
  const done = Promise.withResolvers<void>()
  let filled = 0
  const take = (piece: Uint8Array): void => {
    timer.start()
    const wanted = piece.byteLength > into.byteLength - filled ? piece.subarray(0, into.byteLength - filled) : piece
    into.set(wanted, filled)
    filled += wanted.byteLength
    count(wanted.byteLength)
    if (filled === into.byteLength) done.resolve()
  }
  const broken = (): void => done.reject(endedEarly(into.byteLength - filled))
  const aborted = (): void => done.reject(abortError(signal, 'reading the image'))
  signal.addEventListener('abort', aborted, { once: true })
  body.on('data', take).on('error', done.reject).on('end', broken).on('close', broken)
  try {
    timer.start()
    if (signal.aborted) aborted()
    if (body.destroyed) broken()
    await done.promise
  } finally {
    timer.stop()
    signal.removeEventListener('abort', aborted)
    body.off('data', take)
    body.pause()
  }
}

/** Destroys a body that pauses for too long. */
class IdleTimer {
  readonly #body: BodyStream
  readonly #ms: number
  #timer: NodeJS.Timeout | null = null

  constructor(body: BodyStream, ms: number) {
    this.#body = body
    this.#ms = ms
  }

  start(): void {
    if (this.#timer) this.#timer.refresh()
    else
      this.#timer = setTimeout(() => {
        this.#body.destroy(new StoreError('TIMEOUT', `the service gave nothing for ${this.#ms / 1000} s`))
      }, this.#ms)
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }
}

function endedEarly(missing: number): StoreError {
  return new StoreError('UNAVAILABLE', `the body ended ${missing} bytes too early`)
}
