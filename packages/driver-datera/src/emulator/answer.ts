/** Answers of the API that are no success, as its handlers throw them. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** Datera's name of the fault. */
  readonly fault: string

  constructor(status: number, fault: string, message: string) {
    super(message)
    this.status = status
    this.fault = fault
  }
}

export const notFound = (what: string): Refusal => new Refusal(404, 'NotFoundError', `${what} does not exist`)
export const conflict = (what: string): Refusal => new Refusal(409, 'ConflictError', `${what} already exists`)
export const invalid = (message: string): Refusal => new Refusal(422, 'ValidationFailedError', message)

/** Checks that a body has no member but the known ones: an unknown one is 422 in a real system. */
export function onlyMembers(body: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(body).filter((name) => !known.includes(name))
  if (unknown.length > 0) throw invalid(`unknown property ${unknown.join(', ')}`)
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid('an object is expected')
}
