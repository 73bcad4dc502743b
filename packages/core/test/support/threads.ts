import type { Worker } from 'node:worker_threads'

/** The next `count` threads that this process starts. Ask before they are started, await afterwards. */
export function nextThreads(count: number): Promise<readonly Worker[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Worker[]>()
  const threads: Worker[] = []
  const note = (worker: Worker): void => {
    threads.push(worker)
    if (threads.length < count) return
    process.off('worker', note)
    resolve(threads)
  }
  process.on('worker', note)
  return promise
}
