/** What an emulated connector does instead of, or along with, what it should. */
export type FaultAction =
  /** Answers with a status, without doing anything. */
  | { readonly kind: 'status'; readonly status: number; readonly ringStatus?: string }
  /** Closes the connection before it answers; a body is not read. */
  | { readonly kind: 'reset' }
  /** Does what was asked, and closes the connection instead of answering. */
  | { readonly kind: 'lost answer' }
  /** Reads or sends so many bytes of a body, and closes the connection. */
  | { readonly kind: 'break'; readonly after: number }
  /** Reads or sends so many bytes of a body, and then nothing more. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Answers a range with the whole object. */
  | { readonly kind: 'ignore range' }
  /** Keeps only so many bytes of what was sent, and says that all is well. */
  | { readonly kind: 'truncate'; readonly to: number }

/** When a fault happens. Absent members mean any. */
export interface Fault {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** Name of the object as the client meant it, or `.conf`. */
  readonly name?: string
  /** Index of the connector. */
  readonly connector?: number
  /** How many fitting requests are left alone first. */
  readonly after?: number
  /** How often it happens; for ever when left out. */
  readonly times?: number
  readonly action: FaultAction
}

/** Faults that are switched on. */
export class Faults {
  readonly #active: { readonly fault: Fault; after: number; times: number }[] = []

  add(fault: Fault): void {
    this.#active.push({ fault, after: fault.after ?? 0, times: fault.times ?? Number.POSITIVE_INFINITY })
  }

  clear(): void {
    this.#active.length = 0
  }

  /** What happens to a request; null when nothing is wrong with it. `.conf` is concerned only by faults that name it. */
  actionFor(request: {
    readonly method: string
    readonly name: string
    readonly connector: number
  }): FaultAction | null {
    for (const each of this.#active) {
      const { method, name, connector } = each.fault
      if (method !== undefined && method !== request.method) continue
      if (name === undefined ? request.name === '.conf' : name !== request.name) continue
      if (connector !== undefined && connector !== request.connector) continue
      if (each.after > 0) {
        each.after -= 1
        continue
      }
      if (each.times <= 0) continue
      each.times -= 1
      return each.fault.action
    }
    return null
  }
}
