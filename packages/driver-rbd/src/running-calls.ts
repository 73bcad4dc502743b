import { RbdError } from './rbd-client.ts'

/** Native calls on something that is closed one day, and not before they have ended. */
export class RunningCalls {
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | null = null

  /** Starts a call. @throws what the call throws; RbdError ESHUTDOWN after `close` */
  async run<T>(start: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new RbdError('close', 'ESHUTDOWN')
    const running = start()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Lets no call begin any more, and closes when those that run have ended. The first one's closing counts. */
  close(closing: () => Promise<void>): Promise<void> {
    this.#closing ??= Promise.allSettled([...this.#running]).then(closing)
    return this.#closing
  }
}
