/** A command to its good end: sent again while the unit only needs a moment, and failed with the right code otherwise. */
import { setTimeout as sleep } from 'node:timers/promises'
import { abortedError, IscsiError } from './errors.ts'
import { judge, parseSense } from './sense.ts'
import type { ScsiAnswer, ScsiRequest } from './task.ts'

/** Brings a command to the unit and its answer back. */
export type Send = (request: ScsiRequest, signal: AbortSignal) => Promise<ScsiAnswer>

/** Unit attentions in a row that are news; a unit that has more of them is broken. */
const maxAttentions = 10
const firstPauseMs = 50
const longestPauseMs = 2_000

/** How a command is run. */
export interface RunOptions {
  /** For messages, such as `READ(16)`. */
  readonly what: string
  /** How long it is tried again while the unit is busy or not ready. */
  readonly busyMs: number
  readonly signal: AbortSignal
  /** Whether `read` must be filled. */
  readonly whole?: boolean
}

/** Runs a command. @returns how many bytes came into `read` · @throws IscsiError by the unit's status, or what `send` throws */
export async function runCommand(send: Send, request: ScsiRequest, options: RunOptions): Promise<number> {
  const { what, busyMs, signal, whole = false } = options
  const start = performance.now()
  let pause = firstPauseMs
  for (let attentions = 0; ; ) {
    const answer = await sendOnce(send, request, signal)
    const sense = parseSense(answer.sense)
    const verdict = judge(answer.status, sense)
    switch (verdict.kind) {
      case 'done':
        if (whole && answer.received !== request.read?.length)
          throw new IscsiError('PROTOCOL', `${what}: only ${answer.received} of ${request.read?.length} bytes came`)
        return answer.received
      case 'failed':
        throw new IscsiError(verdict.code, `${what}: ${verdict.meaning}${senseWords(sense)}`, { sense })
      case 'again':
        attentions += 1
        if (attentions > maxAttentions)
          throw new IscsiError('CHECK_CONDITION', `${what}: unit attentions without end${senseWords(sense)}`, { sense })
        break
      case 'later':
        if (performance.now() - start + pause > busyMs)
          throw new IscsiError(verdict.code, `${what}: still not carried out after ${busyMs} ms${senseWords(sense)}`, {
            sense,
          })
        await sleep(pause, undefined, { signal }).catch(() => {
          throw abortedError(signal, what)
        })
        pause = Math.min(pause * 2, longestPauseMs)
    }
  }
}

/** As which it counts when the target, not the unit, had no room for the command: BUSY. */
const noRoom: ScsiAnswer = { status: 0x08, sense: new Uint8Array(0), received: 0 }

async function sendOnce(send: Send, request: ScsiRequest, signal: AbortSignal): Promise<ScsiAnswer> {
  try {
    return await send(request, signal)
  } catch (error) {
    if (error instanceof IscsiError && error.code === 'BUSY') return noRoom
    throw error
  }
}

function senseWords(sense: ReturnType<typeof parseSense>): string {
  if (sense === null) return ''
  const [key, asc, ascq] = [sense.key, sense.asc, sense.ascq].map((value) => value.toString(16).padStart(2, '0'))
  return ` (sense ${key}/${asc}/${ascq})`
}
