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
export type ControlAnswer = { readonly result: unknown } | { readonly failed: FailedCall } | { readonly broken: string }

/** Most threads of one connection. They start when they are needed. */
const mostThreads = 8
/** How many of them may be busy with calls that can take minutes, so that short ones go on. */
const mostSlow = 4
/** How many idle threads a connection leaves for the next one, since starting one takes longer than connecting. */
const mostSpare = 4

interface Waiting {
  readonly request: ControlRequest
  readonly slow: boolean
  readonly promise: PromiseWithResolvers<unknown>
}

/** One thread, which serves one connection after the other. It keeps the process alive only while it is asked something. */
class ControlThread {
  readonly names: LibraryNames
  /** What to do with the answer to what was asked, or with the end of the thread. */
  answered: (answer: ControlAnswer) => void = () => {}
  died: (cause: unknown) => void = () => {}
  readonly #worker: Worker

  constructor(names: LibraryNames) {
    this.names = names
    const here = import.meta.url
    // It lies beside this file: as source in the workspace, compiled in a package.
    this.#worker = new Worker(new URL(here.endsWith('.ts') ? './control-worker.ts' : './control-worker.js', here), {
      name: 'glance-rbd',
      workerData: names,
      // Not what this process was started with: `--input-type` would stop the thread, a preloaded module would run in each.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
    })
    this.#worker.unref()
    this.#worker.on('message', (answer: ControlAnswer) => {
      this.#worker.unref()
      this.answered(answer)
    })
    this.#worker.on('error', (error) => this.died(error))
    this.#worker.on('exit', (code) => this.died(new Error(`exit code ${code}`)))
  }

  ask(request: ControlRequest): void {
    this.#worker.ref()
    this.#worker.postMessage(request)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Threads without a connection. */
const spare = new Set<ControlThread>()

/**
 * Threads that run blocking calls for one connection.
 *
 * Calls run in the order in which they were asked for, as many at a time as there are threads. A cluster that does not answer keeps its own threads, and nobody else's.
 */
export class ControlThreads {
  readonly #names: LibraryNames
  readonly #idle: ControlThread[] = []
  readonly #queue: Waiting[] = []
  readonly #busy = new Map<ControlThread, Waiting>()
  #ended = false

  constructor(names: LibraryNames) {
    this.#names = names
  }

  /** Runs a call. @throws RbdError what Ceph answers, ESHUTDOWN after `end`; Error when a thread cannot work */
  run<K extends keyof ControlCalls>(
    call: K,
    ...args: Parameters<ControlCalls[K]>
  ): Promise<ReturnType<ControlCalls[K]>> {
    return this.#enqueue({ call, args }, false) as Promise<ReturnType<ControlCalls[K]>>
  }

  /** Runs a call that can take minutes, of which only some run at a time. */
  runSlow<K extends keyof ControlCalls>(
    call: K,
    ...args: Parameters<ControlCalls[K]>
  ): Promise<ReturnType<ControlCalls[K]>> {
    return this.#enqueue({ call, args }, true) as Promise<ReturnType<ControlCalls[K]>>
  }

  /** Lets the threads go. Nothing may run any more. */
  async end(): Promise<void> {
    this.#ended = true
    const surplus: ControlThread[] = []
    for (const thread of this.#idle.splice(0)) {
      thread.died = () => spare.delete(thread)
      if (spare.size < mostSpare) spare.add(thread)
      else surplus.push(thread)
    }
    await Promise.all(surplus.map((thread) => thread.end()))
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
      this.#queue.splice(index, 1)
      const thread = this.#idle.pop() ?? this.#another()
      this.#busy.set(thread, waiting)
      thread.ask(waiting.request)
    }
  }

  /** A thread more, listened to. */
  #another(): ControlThread {
    const left = [...spare].find(({ names }) => names === this.#names)
    if (left) spare.delete(left)
    const thread = left ?? new ControlThread(this.#names)
    thread.answered = (answer) => {
      const waiting = this.#busy.get(thread)
      this.#busy.delete(thread)
      this.#idle.push(thread)
      if ('result' in answer) waiting?.promise.resolve(answer.result)
      else if ('failed' in answer) waiting?.promise.reject(new RbdError(answer.failed.call, answer.failed.errno))
      else waiting?.promise.reject(new Error(answer.broken))
      this.#dispatch()
    }
    thread.died = (cause) => {
      const waiting = this.#busy.get(thread)
      this.#busy.delete(thread)
      if (this.#idle.includes(thread)) this.#idle.splice(this.#idle.indexOf(thread), 1)
      waiting?.promise.reject(new Error('a thread of the RBD driver died', { cause }))
      this.#dispatch()
    }
    return thread
  }
}
