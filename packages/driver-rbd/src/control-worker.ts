/**
 * A thread that waits in calls of the library, one at a time, so that nobody else has to.
 *
 * A process has four threads for all its files, names and digests (libuv's pool); a cluster that is away would take them all for minutes. So these calls have threads of their own.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { controlCalls, failedCall } from './control-calls.ts'
import type { ControlAnswer, ControlRequest } from './control-threads.ts'
import { type LibraryNames, loadLibrary } from './library.ts'

const calls = loadLibrary(workerData as LibraryNames).then(controlCalls)

parentPort?.on('message', async ({ call, args }: ControlRequest) => {
  const answer = (given: ControlAnswer): void => parentPort?.postMessage(given)
  try {
    const run = (await calls) as unknown as Record<string, (...given: readonly unknown[]) => unknown>
    answer({ result: run[call]?.(...args) })
  } catch (error) {
    const failed = failedCall(error)
    answer(failed ? { failed } : { broken: error instanceof Error ? error.message : String(error) })
  }
})
