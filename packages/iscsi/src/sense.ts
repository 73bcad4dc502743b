/** Sense data: how they are laid out, and what each kind of them means for the command (SPC-4, 4.5 and annex D). */
import type { IscsiErrorCode, Sense } from './errors.ts'

/** What to do with a command that ended so. */
export type Verdict =
  /** It has done its work. */
  | { readonly kind: 'done' }
  /** Send it again at once; nothing is wrong with it. */
  | { readonly kind: 'again' }
  /** Send it again after a pause. */
  | { readonly kind: 'later'; readonly code: IscsiErrorCode }
  | { readonly kind: 'failed'; readonly code: IscsiErrorCode; readonly meaning: string }

/** Decodes sense data of both formats; null when they are none. */
export function parseSense(data: Uint8Array): Sense | null {
  const format = (data[0] ?? 0) & 0x7f
  if (format === 0x70 || format === 0x71) return { key: (data[2] ?? 0) & 0x0f, asc: data[12] ?? 0, ascq: data[13] ?? 0 }
  if (format === 0x72 || format === 0x73) return { key: (data[1] ?? 0) & 0x0f, asc: data[2] ?? 0, ascq: data[3] ?? 0 }
  return null
}

interface Rule {
  readonly key: number
  /** Any when it is left out. */
  readonly asc?: number
  readonly ascq?: number
  readonly verdict: Verdict
}

function failed(code: IscsiErrorCode, meaning: string): Verdict {
  return { kind: 'failed', code, meaning }
}

/** The first rule that fits counts. */
const rules: readonly Rule[] = [
  { key: 0x0, verdict: { kind: 'done' } },
  { key: 0x1, verdict: { kind: 'done' } },
  { key: 0x2, asc: 0x04, ascq: 0x03, verdict: failed('BUSY', 'not ready, somebody must intervene') },
  { key: 0x2, asc: 0x04, verdict: { kind: 'later', code: 'BUSY' } },
  { key: 0x2, verdict: failed('BUSY', 'not ready') },
  { key: 0x3, verdict: failed('MEDIUM_ERROR', 'medium error') },
  { key: 0x4, verdict: failed('MEDIUM_ERROR', 'hardware error') },
  { key: 0x5, asc: 0x20, verdict: failed('UNSUPPORTED', 'command not supported') },
  { key: 0x5, asc: 0x21, verdict: failed('OUT_OF_RANGE', 'beyond the end') },
  { key: 0x5, asc: 0x24, verdict: failed('UNSUPPORTED', 'a field of the command is not supported') },
  { key: 0x5, asc: 0x25, verdict: failed('LUN_NOT_FOUND', 'no such logical unit') },
  { key: 0x5, asc: 0x26, verdict: failed('UNSUPPORTED', 'a parameter of the command is not supported') },
  { key: 0x6, verdict: { kind: 'again' } },
  { key: 0x7, asc: 0x27, ascq: 0x07, verdict: failed('NO_SPACE', 'no space left behind the logical unit') },
  { key: 0x7, verdict: failed('WRITE_PROTECTED', 'write protected') },
  { key: 0xb, verdict: { kind: 'later', code: 'CHECK_CONDITION' } },
]

const statuses: Readonly<Record<number, Verdict>> = {
  0: { kind: 'done' },
  4: { kind: 'done' },
  8: { kind: 'later', code: 'BUSY' },
  24: failed('RESERVED', 'reserved by another initiator'),
  40: { kind: 'later', code: 'BUSY' },
  64: { kind: 'later', code: 'BUSY' },
}

/** The status of TASK SET FULL: the unit has too many commands at once. */
export const taskSetFull = 0x28

/** The status that sense data explain. */
export const checkCondition = 0x02

/**
 * Judges the end of a command.
 *
 * @param sense - what `parseSense` made of them
 */
export function judge(status: number, sense: Sense | null): Verdict {
  if (status !== checkCondition) return statuses[status] ?? failed('CHECK_CONDITION', `status 0x${status.toString(16)}`)
  const rule =
    sense &&
    rules.find(
      ({ key, asc, ascq }) =>
        key === sense.key && (asc === undefined || asc === sense.asc) && (ascq === undefined || ascq === sense.ascq),
    )
  return rule?.verdict ?? failed('CHECK_CONDITION', 'the command failed')
}
