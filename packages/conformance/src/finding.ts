/** What a case found wrong with a driver. Everything else that a case throws is an error of the driver that the case did not expect. */
export class Finding extends Error {
  override readonly name = 'Finding'
}

/** Thrown by a case that cannot be asked of this driver or with this harness; the reason is shown, nothing is left out silently. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable'
}

/** The harness is at fault, not the driver. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError'
}

/** Throws a `Finding` unless the condition holds. The message says what was seen, in a sentence without a capital and a full stop. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Finding(message)
}

/** Any thrown value in a few words, for messages. */
export function inWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `the value ${String(thrown)}`
  const code = 'code' in thrown && typeof thrown.code === 'string' ? ` ${thrown.code}` : ''
  return `${thrown.name}${code} (${thrown.message})`
}
