/**
 * Reading an object.
 *
 * The first request asks for the first range and learns size and ETag from its answer. An image of one range is that answer's body; of a longer one further ranges are read ahead,
 * several at a time. All later requests name the ETag, so bytes of two objects are never mixed. What breaks off is asked for again from where it broke.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { abortError, type Range, readRanges, type StoredImage, StoreError } from '@glance/core'
import { type BodyStream, fill, pieces } from './body.ts'
import { nativeNameOf, storeErrorOf } from './errors.ts'
import type { Service } from './service.ts'

/** How objects are read. */
export interface DownloadSettings {
  /** Ranges under way at the same time; 1 for one stream. */
  readonly parallel: number
  /** Bytes of a range. */
  readonly range: number
  /** Tries in a row without a byte of progress before a read fails. */
  readonly attempts: number
  /** Longest pause of a body whose reader waits, in milliseconds. */
  readonly idleMs: number
}

interface Wanted {
  readonly offset: number
  readonly length: number | null
}

/** An answer with a body, and the object it belongs to. */
interface Opened {
  readonly body: BodyStream
  readonly etag: string | undefined
  /** Size of the whole object. */
  readonly total: number
}

/** Opens an object. @throws StoreError NOT_FOUND | FORBIDDEN | UNAVAILABLE | TIMEOUT | ABORTED | UNKNOWN */
export async function download(
  service: Service,
  key: string,
  { offset, length }: Wanted,
  settings: DownloadSettings,
  signal: AbortSignal,
): Promise<StoredImage> {
  const object = new ObjectReader(service, key, settings, signal)
  const most = settings.parallel > 1 ? settings.range : Number.POSITIVE_INFINITY
  const first = await object.open({ offset, length: Math.min(length ?? most, most) })
  if (first === null) return { size: 0, body: (async function* () {})() }
  const size = Math.max(0, Math.min(length ?? first.total, first.total - offset))
  const whole = { offset, length: size }
  return { size, body: size <= most ? object.stream(first, whole) : object.ranges(first, whole) }
}

class ObjectReader {
  readonly #service: Service
  readonly #key: string
  readonly #settings: DownloadSettings
  readonly #signal: AbortSignal

  constructor(service: Service, key: string, settings: DownloadSettings, signal: AbortSignal) {
    this.#service = service
    this.#key = key
    this.#settings = settings
    this.#signal = signal
  }

  /** Asks for a stretch, which may reach past the end. @returns null when the object has nothing there */
  async open(stretch: Range, signal: AbortSignal = this.#signal, etag?: string): Promise<Opened | null> {
    const { offset, length } = stretch
    const end = Number.isFinite(length) ? offset + Math.max(1, length) - 1 : ''
    const ranged = offset > 0 || end !== ''
    const input = { Key: this.#key, ...(ranged && { Range: `bytes=${offset}-${end}` }), ...(etag && { IfMatch: etag }) }
    try {
      const answer = await this.#service.call('GetObject', input, { signal, doing: 'read' })
      const body = answer.Body as unknown as BodyStream
      // An answer that is given up breaks its stream when nobody listens any more.
      body.on('error', () => {})
      const told = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '')
      if (told ? Number(told[1]) === offset : offset === 0)
        return { body, etag: answer.ETag, total: Number(told?.[2] ?? answer.ContentLength ?? 0) }
      body.destroy()
      throw new StoreError('UNAVAILABLE', 'the service answers with another part of the object than the one asked for')
    } catch (error) {
      if (nativeNameOf(error) === 'InvalidRange') return null
      throw error
    }
  }

  /** One stream, continued where it breaks off. */
  async *stream(first: Opened, { offset, length }: Range): AsyncGenerator<Uint8Array, void, void> {
    const { idleMs } = this.#settings
    let { body } = first
    let at = offset
    const tries = new Tries(this.#settings.attempts)
    try {
      while (at < offset + length) {
        try {
          for await (const piece of pieces(body, offset + length - at, idleMs)) {
            at += piece.byteLength
            tries.progress()
            yield piece
          }
        } catch (error) {
          await this.#afterFailure(error, tries, this.#signal)
          body = await this.#again({ offset: at, length: offset + length - at }, first, this.#signal)
        }
      }
    } finally {
      body.destroy()
    }
    if (this.#signal.aborted) throw abortError(this.#signal, 'reading the image')
  }

  /** Several ranges at a time; the first one is under way already. */
  ranges(first: Opened, whole: Range): AsyncIterable<Uint8Array> {
    const { parallel, range } = this.#settings
    const reading = readRanges({ ...whole, rangeSize: range, parallel, signal: this.#signal }, (into, part, signal) =>
      this.#fill(into, part, first, part.offset === whole.offset ? first.body : null, signal),
    )
    return { [Symbol.asyncIterator]: () => reading }
  }

  async #fill(
    into: Uint8Array,
    { offset, length }: Range,
    first: Opened,
    opened: BodyStream | null,
    signal: AbortSignal,
  ): Promise<void> {
    const tries = new Tries(this.#settings.attempts)
    let filled = 0
    let body = opened
    while (filled < length) {
      body ??= await this.#again({ offset: offset + filled, length: length - filled }, first, signal)
      try {
        await fill(body, into.subarray(filled), {
          idleMs: this.#settings.idleMs,
          signal,
          count: (bytes) => {
            filled += bytes
            tries.progress()
          },
        })
      } catch (error) {
        await this.#afterFailure(error, tries, signal)
      } finally {
        body.destroy()
        body = null
      }
    }
  }

  /** Waits before the next try. @throws StoreError when there is none */
  async #afterFailure(error: unknown, tries: Tries, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortError(signal, 'reading the image')
    const pause = tries.next()
    if (pause === null) throw storeErrorOf(error, 'read', 'the image')
    await delay(pause, undefined, { signal }).catch(() => {
      throw abortError(signal, 'reading the image')
    })
  }

  /** Asks for a stretch of the object that was opened before. @throws StoreError NOT_FOUND when it was replaced or removed meanwhile */
  async #again(stretch: Range, { etag }: Opened, signal: AbortSignal): Promise<BodyStream> {
    const opened = await this.open(stretch, signal, etag)
    if (opened !== null) return opened.body
    throw new StoreError('NOT_FOUND', 'the object became shorter while it was read')
  }
}

/** Counts tries in a row that bring nothing. */
class Tries {
  readonly #most: number
  #failures = 0

  constructor(most: number) {
    this.#most = most
  }

  progress(): void {
    this.#failures = 0
  }

  /** Milliseconds until the next try, null when it was the last one. */
  next(): number | null {
    this.#failures += 1
    return this.#failures < this.#most ? Math.min(5000, 50 * 2 ** this.#failures) : null
  }
}
