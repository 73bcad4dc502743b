/** What the emulated API does instead of, or along with, what it should. */
export type FaultAction =
  /** Answers so, without doing anything. */
  | { readonly kind: 'answer'; readonly status: number; readonly name?: string; readonly message?: string }
  /** Closes the connection without doing anything. */
  | { readonly kind: 'reset' }
  /** Does what was asked, and closes the connection instead of answering. */
  | { readonly kind: 'lost answer' }
  /** Never answers. */
  | { readonly kind: 'silence' }

/** When a fault happens. Absent members mean any. */
export interface Fault {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Fits the path below the version, without its query. */
  readonly path?: RegExp
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

  actionFor(method: string, path: string): FaultAction | null {
    for (const each of this.#active) {
      const { fault } = each
      if (fault.method !== undefined && fault.method !== method) continue
      if (fault.path !== undefined && !fault.path.test(path)) continue
      if (each.after > 0) {
        each.after -= 1
        continue
      }
      if (each.times <= 0) continue
      each.times -= 1
      return fault.action
    }
    return null
  }
}
