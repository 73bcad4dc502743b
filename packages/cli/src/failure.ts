import { ImageServiceError } from '@glance/client'

/** A command cannot do what it was asked. `message` is what the user reads; empty when everything was said already. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure'
  readonly exitCode: number

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** The user or the system asked the process to stop. The reason of the signal every command gets. */
export class Interrupted extends CommandFailure {
  override readonly name = 'Interrupted'

  /** `signalNumber` as the system counts: 2 for Ctrl-C. */
  constructor(signalNumber: number) {
    super('... terminating glance client', 128 + signalNumber)
  }
}

/** The one line a user reads about an error. */
export function describeFailure(error: unknown): string {
  if (error instanceof ImageServiceError) {
    if (error.status === 401) return 'Invalid OpenStack Identity credentials.'
    return error.code === 'UNEXPECTED_ANSWER' ? error.message : `HTTP ${error.detail}`
  }
  return error instanceof Error ? error.message : String(error)
}
