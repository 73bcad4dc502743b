/** What targets a portal has (SendTargets, RFC 7143, appendix C). */
import { dial, newIsid } from './dial.ts'
import { abortedError, IscsiError } from './errors.ts'
import { type CallOptions, type PortalOptions, resolvePortalOptions } from './options.ts'
import { formatKeys, parseKeys } from './text-keys.ts'

/** A target that a portal told of. */
export interface DiscoveredTarget {
  readonly target: string
  /** `host:port`, IPv6 in brackets. Empty when the target told none: it is where the portal is that was asked. */
  readonly portals: readonly string[]
}

/**
 * Asks a portal for the targets that it lets us see.
 *
 * The whole question may take `loginTimeoutMs` once more after the login.
 * @throws IscsiError BAD_OPTIONS | AUTHENTICATION | FORBIDDEN | REFUSED | UNAVAILABLE | TIMEOUT | CONNECTION_LOST | PROTOCOL | ABORTED
 */
export async function discoverTargets(
  options: PortalOptions,
  call: CallOptions = {},
): Promise<readonly DiscoveredTarget[]> {
  const resolved = resolvePortalOptions(options)
  const signal = call.signal ?? new AbortController().signal
  const waits = { commandTimeoutMs: resolved.loginTimeoutMs, abortGraceMs: 0 }
  const limits = { ...waits, keepAliveMs: resolved.loginTimeoutMs, keepAliveTimeoutMs: resolved.loginTimeoutMs }
  const connection = await dial({ options: resolved, target: null, isid: newIsid(), limits }, 0, signal)
  const leave = (): void => connection.destroy(abortedError(signal, 'asking for targets'))
  signal.addEventListener('abort', leave, { once: true })
  const late = (): void =>
    connection.destroy(new IscsiError('TIMEOUT', 'the target does not say what targets there are'))
  const timer = setTimeout(late, resolved.loginTimeoutMs)
  try {
    return targetsOf(await connection.text(formatKeys([['SendTargets', 'All']])))
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
    await connection.logout(new IscsiError('ABORTED', 'the discovery is over'))
  }
}

function targetsOf(text: Buffer): readonly DiscoveredTarget[] {
  const found = new Map<string, string[]>()
  let current: string[] | undefined
  for (const [key, value] of parseKeys(text)) {
    if (key === 'TargetName') {
      current = found.get(value) ?? []
      found.set(value, current)
    } else if (key === 'TargetAddress') current?.push(value.replace(/,\d+$/, ''))
  }
  return [...found].map(([target, portals]) => ({ target, portals }))
}
