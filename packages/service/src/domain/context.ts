/** Who asks, and until when. Made once for each request by the transport. */
export interface RequestContext {
  readonly requestId: string
  /** Project of the token; null for callers without one. */
  readonly project: string | null
  readonly user: string | null
  /** The caller's token where stores may use it, so one of Keystone; else null or absent. A secret: no log, no error and no answer has it. */
  readonly token?: string | null
  /** Lower case. */
  readonly roles: readonly string[]
  /** Roles of the service that acts for the caller, lower case. They count for property protections alone, as in Glance. */
  readonly serviceRoles?: readonly string[]
  /** Whether policy `context_is_admin` holds. Decided once, by the transport. */
  readonly admin: boolean
  /** An anonymous caller: may look but not touch. */
  readonly readOnly: boolean
  /** Fires when the caller is gone or the server stops for good. */
  readonly signal: AbortSignal
}
