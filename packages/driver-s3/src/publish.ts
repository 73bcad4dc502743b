/**
 * Making an object appear under its key, once.
 *
 * The request that makes it carries `If-None-Match: *`, and services that know the condition let one of several win, whoever they are. Ceph's gateway (16) keeps
 * it for PutObject alone and ignores it elsewhere, Swift's S3 refuses or ignores it. For those the store looks before, with one add of a key at a time in this process, and looks
 * again afterwards: of two processes that finish one image id within the same few milliseconds both may then succeed, and the later one's bytes stay.
 *
 * An answer can be lost after the object was made. Each add therefore has a token in the object's metadata; whoever is in doubt looks whose object it is.
 */
import { abortError, isStoreError, StoreError } from '@glance/core'
import { nativeNameOf } from './errors.ts'
import { lookAt, type ObjectFacts } from './objects.ts'
import type { Service } from './service.ts'

/** Longest time for everything that is done after a failure or an abort, in milliseconds. */
export const cleanUpMs = 10_000

/** How long a request that has already sent its body may still answer after an abort, in milliseconds. A request that is torn off there may be carried out later, unseen. */
const graceMs = 1500

/** The object that a publication is to make. */
export interface Expected {
  readonly key: string
  readonly token: string
  /** Bytes. */
  readonly size: number
}

/** The condition of a request, absent for services that refuse it. */
export interface Condition {
  readonly IfNoneMatch?: '*'
}

/** Requests that can make an object; a service may know the condition for some of them only. */
type Way = 'PutObject' | 'CompleteMultipartUpload' | 'CopyObject'

export class Publisher {
  readonly #service: Service
  /** Ends of the publications that run, by key. */
  readonly #running = new Map<string, Promise<unknown>>()
  readonly #unconditional = new Set<Way>()

  constructor(service: Service) {
    this.#service = service
  }

  /**
   * Makes an object with `request`, unless there is one.
   *
   * After a failure or an abort the object is not there, if the service could be reached to see to that.
   *
   * @throws StoreError ALREADY_EXISTS, what `request` throws, ABORTED | TIMEOUT
   */
  async publish(
    expected: Expected,
    way: Way,
    signal: AbortSignal,
    request: (condition: Condition, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    await this.#oneAtATime(expected.key, async () => {
      if (await lookAt(this.#service, expected.key, { signal, doing: 'write' })) throw taken()
      const late = firesLater(signal, graceMs)
      try {
        await this.#request(way, late.signal, request)
        if (signal.aborted) throw abortError(signal, 'storing the image')
        await this.#confirm(expected, signal)
      } catch (error) {
        await this.#settle(expected, error, signal)
      } finally {
        late.end()
      }
    })
  }

  async #request(
    way: Way,
    signal: AbortSignal,
    request: (condition: Condition, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const conditional = !this.#unconditional.has(way)
    try {
      await request(conditional ? { IfNoneMatch: '*' } : {}, signal)
    } catch (error) {
      if (!conditional || nativeNameOf(error) !== 'NotImplemented') throw error
      this.#unconditional.add(way)
      await request({}, signal)
    }
  }

  /** Looks whether what is there is what was sent. */
  async #confirm(expected: Expected, signal: AbortSignal): Promise<void> {
    const facts = await lookAt(this.#service, expected.key, { signal, doing: 'write' }).catch((error: unknown) => {
      if (signal.aborted) throw error
      // The service has said that the object is made; that it now cannot be looked at is no reason to give it up.
      return undefined
    })
    if (facts === undefined) return
    if (facts === null) throw new StoreError('UNAVAILABLE', 'the image is not there after it was stored')
    if (isOurs(facts, expected)) {
      if (facts.size === expected.size) return
      throw new StoreError('UNAVAILABLE', `${facts.size} bytes are there of ${expected.size} that were stored`)
    }
    if (facts.token !== undefined) throw taken()
    // Services that drop metadata can only be compared by size.
    if (facts.size !== expected.size) throw taken()
  }

  /** After a failure: finds out whether the object was made nevertheless. Returns when it was and is wanted; rejects, with nothing of it left, otherwise. */
  async #settle(expected: Expected, error: unknown, signal: AbortSignal): Promise<void> {
    const cleaning = AbortSignal.timeout(cleanUpMs)
    const how = { signal: cleaning, doing: 'write' } as const
    const facts = await lookAt(this.#service, expected.key, how).catch(() => undefined)
    if (facts && isOurs(facts, expected)) {
      if (!signal.aborted && facts.size === expected.size) return
      const gone = this.#service.call('DeleteObject', { Key: expected.key }, { signal: cleaning, doing: 'delete' })
      await gone.catch(() => {})
    }
    if (signal.aborted) throw abortError(signal, 'storing the image')
    const lost = isStoreError(error) && error.code === 'ALREADY_EXISTS'
    if (lost && facts === null)
      throw new StoreError('UNAVAILABLE', 'another request for the same object was in the way', { cause: error.cause })
    throw error
  }

  async #oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#running.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#running.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#running.get(key) === mine) this.#running.delete(key)
    }
  }
}

function taken(): StoreError {
  return new StoreError('ALREADY_EXISTS', 'the store already holds data of this image')
}

function isOurs(facts: ObjectFacts, expected: Expected): boolean {
  return facts.token === expected.token
}

/** A signal that fires some time after another one. */
function firesLater(signal: AbortSignal, ms: number): { readonly signal: AbortSignal; end(): void } {
  const later = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    timer = setTimeout(() => later.abort(signal.reason), ms)
  }
  signal.addEventListener('abort', start, { once: true })
  return {
    signal: later.signal,
    end() {
      signal.removeEventListener('abort', start)
      clearTimeout(timer)
    },
  }
}
