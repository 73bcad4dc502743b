import dns, { type LookupAddress, type LookupOptions } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/** From now on every name below `.test` is this machine: buckets in host names need names that nobody has given them. */
export function resolveTestNames(): void {
  const system = dns.lookup as (name: string, options: LookupOptions, answer: Answer) => void
  const lookup = (name: string, options: LookupOptions, answer: Answer): void => {
    if (!name.endsWith('.test')) system(name, options, answer)
    else if (options.all) answer(null, [{ address: '127.0.0.1', family: 4 }])
    else answer(null, '127.0.0.1', 4)
  }
  dns.lookup = lookup as typeof dns.lookup
  syncBuiltinESMExports()
}
