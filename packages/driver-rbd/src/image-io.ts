/**
 * Reading and writing by librbd's own asynchronous calls: the library works on threads of its own and says through an event descriptor what has ended, so any number of calls is under way
 * without a thread of ours waiting.
 *
 * The library keeps the address of the memory until a call has ended. Nothing in JavaScript knows that, so `#running` holds the memory until then, whoever else has given up waiting.
 */
import { closeSync, readSync } from 'node:fs'
import { checked, errnoName, type LoadedLibrary, type Out, type Pointer } from './library.ts'
import { RbdError } from './rbd-client.ts'

/** EFD_CLOEXEC | EFD_NONBLOCK */
const eventfdFlags = 0o2000000 | 0o4000

interface Running {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly call: string
  readonly promise: PromiseWithResolvers<number>
}

/** What an image says when reads and writes have ended. */
export class EventDescriptor {
  readonly number: number
  readonly #poll: ReturnType<LoadedLibrary['koffi']['node']['poll']>
  readonly #counter = new Uint8Array(8)
  /** Called when something has ended. */
  listener: () => void = () => {}

  constructor(lib: LoadedLibrary) {
    this.number = lib.eventfd(0, eventfdFlags)
    if (this.number < 0) throw new RbdError('eventfd', 'EMFILE')
    this.#poll = lib.koffi.node.poll(this.number, { readable: true }, () => {
      try {
        readSync(this.number, this.#counter)
      } catch {
        // Another turn has emptied it.
      }
      this.listener()
    })
    this.#poll.unref()
  }

  /** Whether the process stays alive for it. */
  keepsAlive(yes: boolean): void {
    if (yes) this.#poll.ref()
    else this.#poll.unref()
  }

  close(): void {
    this.#poll.close()
    closeSync(this.number)
  }
}

/** Reads and writes of one open image. */
export class ImageIo {
  readonly #lib: LoadedLibrary
  readonly #image: Pointer
  readonly #events: EventDescriptor
  readonly #running = new Map<Pointer, Running>()
  readonly #ended = new BigUint64Array(16)

  constructor(lib: LoadedLibrary, image: Pointer, events: EventDescriptor) {
    this.#lib = lib
    this.#image = image
    this.#events = events
    events.listener = () => this.#collect()
  }

  /** @returns how many bytes were read */
  read(into: Uint8Array<ArrayBuffer>, offset: number): Promise<number> {
    return this.#submit('rbd_aio_read', into, offset)
  }

  async write(bytes: Uint8Array<ArrayBuffer>, offset: number): Promise<void> {
    await this.#submit('rbd_aio_write', bytes, offset)
  }

  async #submit(
    call: 'rbd_aio_read' | 'rbd_aio_write',
    bytes: Uint8Array<ArrayBuffer>,
    offset: number,
  ): Promise<number> {
    const made: Out<Pointer> = [null]
    checked('rbd_aio_create_completion', this.#lib.rbd_aio_create_completion(null, null, made))
    const completion = made[0] ?? 0n
    const promise = Promise.withResolvers<number>()
    if (this.#running.size === 0) this.#events.keepsAlive(true)
    this.#running.set(completion, { bytes, call, promise })
    const address = this.#lib.koffi.address(bytes)
    const result = this.#lib[call](this.#image, offset, bytes.byteLength, address, completion)
    // What could not be begun does not end by an event either.
    if (result < 0) this.#end(completion, result)
    return promise.promise
  }

  #collect(): void {
    for (;;) {
      const count = this.#lib.rbd_poll_io_events(this.#image, this.#ended, this.#ended.length)
      for (const completion of this.#ended.subarray(0, Math.max(0, count)))
        this.#end(completion, Number(this.#lib.rbd_aio_get_return_value(completion)))
      if (count < this.#ended.length) return
    }
  }

  #end(completion: Pointer, result: number): void {
    const running = this.#running.get(completion)
    if (!running) return
    this.#running.delete(completion)
    this.#lib.rbd_aio_release(completion)
    if (result < 0) running.promise.reject(new RbdError(running.call, errnoName(result)))
    else running.promise.resolve(result)
    if (this.#running.size === 0) this.#events.keepsAlive(false)
  }
}
