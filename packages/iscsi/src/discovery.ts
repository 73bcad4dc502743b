import type { CallOptions, PortalOptions } from './options.ts'

/** A target that a portal told of. */
export interface DiscoveredTarget {
  readonly target: string
  /** `host:port`, IPv6 in brackets; empty when the target told none: then it is the portal that was asked. */
  readonly portals: readonly string[]
}

/**
 * Asks a portal for the targets that it lets us see (SendTargets).
 *
 * @throws IscsiError as `IscsiSession.open`
 */
export declare function discoverTargets(
  options: PortalOptions,
  call?: CallOptions,
): Promise<readonly DiscoveredTarget[]>
