/** Targets and sessions for tests, closed when the test is over. */
import { onTestFinished } from 'vitest'
import {
  type ScriptedTarget,
  type ScriptedTargetOptions,
  startScriptedTarget,
} from '../../../../test/support/iscsi-target/scripted-target.ts'
import { IscsiSession, type SessionOptions } from '../../src/index.ts'

/** Our name in all tests. */
export const initiatorName = 'iqn.2020-01.test:initiator'

/** A scripted target. */
export async function aTarget(options: ScriptedTargetOptions = {}): Promise<ScriptedTarget> {
  const target = await startScriptedTarget(options)
  onTestFinished(() => target[Symbol.asyncDispose]())
  return target
}

/** Options for a session with a target, without pauses. */
export function optionsFor(
  target: { readonly portal: string; readonly name: string },
  more: Partial<SessionOptions> = {},
): SessionOptions {
  return { portals: [target.portal], target: target.name, initiatorName, reconnectPauseMs: 0, ...more }
}

/** A session with a target. */
export async function aSession(
  target: { readonly portal: string; readonly name: string },
  more: Partial<SessionOptions> = {},
): Promise<IscsiSession> {
  const session = await IscsiSession.open(optionsFor(target, more))
  onTestFinished(() => session.close())
  return session
}

/** Bytes that tell from each other where they stand. */
export function pattern(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4))
  for (let index = 0, state = seed >>> 0; index < words.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[index] = state
  }
  return Buffer.from(words.buffer, 0, length)
}
