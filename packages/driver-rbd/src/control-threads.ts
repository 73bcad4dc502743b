import { Worker } from 'node:worker_threads'
import type { ControlCalls, FailedCall } from './control-calls.ts'
import type { LibraryNames } from './library.ts'
import { RbdError } from './rbd-client.ts'

/** Asks a thread for one call. */
export interface ControlRequest {
  readonly call: keyof ControlCalls
  readonly args: readonly unknown[]
}

/** What a thread answers: a result, an error of Ceph, or that it cannot work at all. */
export type ControlAnswer =
  | { readonly result: unknown }
  | { readonly failed: FailedCall }
  | { readonly broken: string }

/** Most threads of one connection. One costs some 8 MiB; they start when they are needed. */
const mostThreads = 8
/** How many of them may be busy with calls that can take minutes, so that short ones go on. */
const mostSlow = 4

interface Waiting {
  readonly request: ControlRequest
  readonly slow: boolean
  readonly promise: PromiseWithResolvers<unknown>
}

/**
 * Threads that run blocking calls for one connection.
 *
 * Calls run in the order in which they were asked for, as many at a time as there are threads. They keep the process alive only while a call runs.
 */
export class ControlThreads {
  readonly #names: LibraryNames
  readonly #idle: Worker[] = []
  readonly #queue: Waiting[] = []
  readonly #busy = new Map<Worker, Waiting>()
  #ended = false

  constructor(names: LibraryNames) {
    this.#names = names
  }

  /** Runs a call. @throws RbdError what Ceph answers, ESHUTDOWN after `end`; Error when a thread cannot work */
  run<K extends keyof ControlCalls>(call: K, ...args: Parameters<ControlCalls[K]>): Promise<ReturnType<ControlCalls[K]>> {
    return this.#enqueue({ call, args }, false) as Promise<ReturnType<ControlCalls[K]>>
  }

  /** Runs a call that can take minutes, of which only some run at a time. */
  runSlow<K extends keyof ControlCalls>(
    call: K,
    ...args: Parameters<ControlCalls[K]>
  ): Promise<ReturnType<ControlCalls[K]>> {
    return this.#enqueue({ call, args }, true) as Promise<ReturnType<ControlCalls[K]>>
  }

  /** Ends the threads. Calls that still run go on, and are rejected here. */
  async end(): Promise<void> {
    this.#ended = true
    const threads = [...this.#idle.splice(0), ...this.#busy.keys()]
    for (const { promise } of this.#queue.splice(0)) promise.reject(new RbdError('close', 'ESHUTDOWN'))
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  #enqueue(request: ControlRequest, slow: boolean): Promise<unknown> {
    if (this.#ended) return Promise.reject(new RbdError(request.call, 'ESHUTDOWN'))
    const promise = Promise.withResolvers<unknown>()
    this.#queue.push({ request, slow, promise })
    this.#dispatch()
    return promise.promise
  }

  #dispatch(): void {
    for (;;) {
      const slow = [...this.#busy.values()].filter((waiting) => waiting.slow).length
      const index = this.#queue.findIndex((waiting) => !waiting.slow || slow < mostSlow)
      const waiting = this.#queue[index]
      if (!waiting || (this.#idle.length === 0 && this.#busy.size >= mostThreads)) return
      const thread = this.#idle.pop() ?? this.#start()
      this.#queue.splice(index, 1)
      this.#busy.set(thread, waiting)
      thread.ref()
      thread.postMessage(waiting.request)
    }
  }

  #start(): Worker {
    const here = import.meta.url
    // It lies beside this file: as source in the workspace, compiled in a package.
    const thread = new Worker(new URL(here.endsWith('.ts') ? './control-worker.ts' : './control-worker.js', here), {
      name: 'glance-rbd',
      workerData: this.#names,
      // Not what this process was started with: `--input-type` would stop the thread, a preloaded module would run in each.
      execArgv: here.endsWith('.ts') ? ['--conditions=@glance/source'] : [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
    })
    thread.on('message', (answer: ControlAnswer) => {
      const waiting = this.#busy.get(thread)
      this.#busy.delete(thread)
      if (!this.#ended) {
        thread.unref()
        this.#idle.push(thread)
      }
      if ('result' in answer) waiting?.promise.resolve(answer.result)
      else if ('failed' in answer) waiting?.promise.reject(new RbdError(answer.failed.call, answer.failed.errno))
      else waiting?.promise.reject(new Error(answer.broken))
      this.#dispatch()
    })
    const died = (cause: unknown): void => {
      const index = this.#idle.indexOf(thread)
      if (index !== -1) this.#idle.splice(index, 1)
      const waiting = this.#busy.get(thread)
      this.#busy.delete(thread)
      waiting?.promise.reject(new Error('a thread of the RBD driver died', { cause }))
      if (!this.#ended) this.#dispatch()
    }
    thread.on('error', died)
    thread.on('exit', (code) => died(new Error(`exit code ${code}`)))
    return thread
  }
}
