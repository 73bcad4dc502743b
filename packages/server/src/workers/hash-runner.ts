import type { Logger, Requester } from '@glance/core'
import type { HashInput, HashJobs } from '@glance/service'

/** How many jobs run at a time: each reads a whole image, and uploads want the same threads and the same network. */
const mostAtOnce = 2

interface Job {
  readonly imageId: string
  readonly requester: Requester | null
  readonly controller: AbortController
}

/**
 * Runs the hashing of image data behind the answers, at most two jobs at a time and the others in their order.
 *
 * A job holds nothing but an id: what waits is in the records, so nothing is lost with the process. Of two jobs of one image only one is kept.
 */
export class HashRunner implements HashJobs {
  readonly #run: (input: HashInput) => Promise<void>
  readonly #logger: Pick<Logger, 'error'>
  readonly #jobs = new Map<string, Job>()
  readonly #running = new Map<string, Promise<void>>()
  #closed = false

  /** @param run - the use case; what it throws is logged unless its job was stopped */
  constructor({ run, logger }: { run: (input: HashInput) => Promise<void>; logger: Pick<Logger, 'error'> }) {
    this.#run = run
    this.#logger = logger
  }

  enqueue(imageId: string, requester: Requester | null): void {
    if (this.#closed || this.#jobs.has(imageId)) return
    this.#jobs.set(imageId, { imageId, requester, controller: new AbortController() })
    this.#startNext()
  }

  stop(imageId: string, reason: Error): void {
    this.#jobs.get(imageId)?.controller.abort(reason)
    if (!this.#running.has(imageId)) this.#jobs.delete(imageId)
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  /** Stops all jobs, which leave their records as they are, and resolves when they have ended. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    for (const id of [...this.#jobs.keys()]) this.stop(id, new Error('the server stops'))
    await this.idle()
  }

  #startNext(): void {
    for (const job of this.#jobs.values()) {
      if (this.#running.size >= mostAtOnce) return
      if (!this.#running.has(job.imageId)) this.#running.set(job.imageId, this.#perform(job))
    }
  }

  async #perform({ imageId, requester, controller: { signal } }: Job): Promise<void> {
    try {
      await this.#run({ imageId, requester, signal })
    } catch (error) {
      if (!signal.aborted)
        this.#logger.error({ imageId, err: error }, 'image data were not hashed; the next start tries again')
    } finally {
      this.#jobs.delete(imageId)
      this.#running.delete(imageId)
      this.#startNext()
    }
  }
}
