/**
 * What a program says about a target and about the session that it wants, with the defaults and the checks.
 */
import { IscsiError } from './errors.ts'

/** One side's name and secret for CHAP (RFC 1994). */
export interface ChapCredentials {
  readonly user: string
  /** UTF-8. RFC 7143 asks for at least 12 bytes; shorter ones are sent all the same, as targets decide. */
  readonly secret: string
}

/**
 * Whether a CRC32C goes along with headers or data: `never` offers none, `prefer` takes it when the target does, `require` refuses
 * a target that does not. TCP's own checksum misses what CRC32C finds, at the cost of about a second of CPU for a GiB.
 */
export type DigestPolicy = 'never' | 'prefer' | 'require'

/** How to reach a portal and who we are. */
export interface PortalOptions {
  /**
   * Addresses of the target: `host`, `host:port`, `[v6]`, `[v6]:port`; the port is 3260 by default. Tried in this order; after a lost connection the
   * next one comes first.
   */
  readonly portals: readonly string[]
  /** Our own name: `iqn.…`, `eui.…` or `naa.…`. Targets decide by it who may come in. */
  readonly initiatorName: string
  /** How we prove who we are. Without it CHAP is not offered. */
  readonly chap?: ChapCredentials | undefined
  /** Mutual CHAP: how the target must prove who it is. Needs `chap`, and another secret than it. */
  readonly targetChap?: ChapCredentials | undefined
  readonly headerDigest?: DigestPolicy | undefined
  readonly dataDigest?: DigestPolicy | undefined
  /** Longest wait for a TCP connection to one portal, in milliseconds. 5,000 by default. */
  readonly connectTimeoutMs?: number | undefined
  /** Longest wait for a whole login at one portal, in milliseconds. 15,000 by default. */
  readonly loginTimeoutMs?: number | undefined
  /**
   * Where a target may send us by a redirection. `portal` is `host:port`, as in `portals`. By default every place is good: CHAP protects the secret, and data go only where a
   * target of the wanted name lets us in.
   */
  readonly allowRedirect?: ((portal: string) => boolean) | undefined
}

/** A session with one logical unit. */
export interface SessionOptions extends PortalOptions {
  /** The target's name. */
  readonly target: string
  /** The logical unit's number. By default the first disk among those the target reports. */
  readonly lun?: number | undefined
  /** Commands in flight at most, 1 to 128. The target may allow fewer. 8 by default. */
  readonly queueDepth?: number | undefined
  /** Most bytes of one READ or WRITE command. The unit may allow fewer. 1 MiB by default; rounded down to whole blocks. */
  readonly commandBytes?: number | undefined
  /** Longest wait for the end of one command, in milliseconds. 30,000 by default. The connection counts as lost then. */
  readonly commandTimeoutMs?: number | undefined
  /** The same for a flush, which may have much to write. 120,000 by default. */
  readonly flushTimeoutMs?: number | undefined
  /** Silence after which the target is asked for a sign of life, in milliseconds. 5,000 by default. */
  readonly keepAliveMs?: number | undefined
  /** Longest wait for that sign, in milliseconds. 10,000 by default. The connection counts as lost then. */
  readonly keepAliveTimeoutMs?: number | undefined
  /** How long a command waits for a lost connection to come back, in milliseconds. 60,000 by default; 0 does not try. */
  readonly recoveryMs?: number | undefined
  /** Longest pause before a reconnect, in milliseconds: what the target asks for (DefaultTime2Wait) up to this. 2,000 by default. */
  readonly reconnectPauseMs?: number | undefined
  /** How often one command is sent again after a lost connection. 5 by default. */
  readonly replays?: number | undefined
  /** How long a command is tried again while the unit is busy or not ready, in milliseconds. 30,000 by default. */
  readonly busyMs?: number | undefined
  /** How long an aborted call waits for its commands before it gives up the connection, in milliseconds. 2,000 by default. */
  readonly abortGraceMs?: number | undefined
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call with ABORTED (TIMEOUT when it is one of `AbortSignal.timeout()`). */
  readonly signal?: AbortSignal | undefined
}

type Resolved<T, Optional extends keyof T> = { readonly [K in keyof Omit<T, Optional>]-?: Exclude<T[K], undefined> } & {
  readonly [K in Optional]-?: T[K] | undefined
}

/** PortalOptions with every default filled in, and checked. */
export type ResolvedPortalOptions = Resolved<PortalOptions, 'chap' | 'targetChap'>
/** SessionOptions with every default filled in, and checked. */
export type ResolvedSessionOptions = Resolved<SessionOptions, 'chap' | 'targetChap' | 'lun'>

/** Names as RFC 7143, 4.2.7.1 has them, a little wider: what a target accepts is the target's business. */
const namePattern = /^(?:iqn|eui|naa)\.[\p{Ll}\p{Lo}\p{N}.:-]{1,219}$/u

function assert(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new IscsiError('BAD_OPTIONS', problem)
}

function milliseconds(name: string, value: number | undefined, byDefault: number): number {
  const result = value ?? byDefault
  assert(Number.isFinite(result) && result >= 0 && result < 2 ** 31, `${name} must be 0 to 2^31 - 1 milliseconds`)
  return result
}

function whole(name: string, value: number | undefined, byDefault: number, min: number, max: number): number {
  const result = value ?? byDefault
  assert(
    Number.isInteger(result) && result >= min && result <= max,
    `${name} must be a whole number from ${min} to ${max}`,
  )
  return result
}

function credentials(name: string, given: ChapCredentials | undefined): ChapCredentials | undefined {
  if (given === undefined) return undefined
  assert(given.user !== '' && !/\0/.test(given.user), `${name}.user must not be empty`)
  const length = Buffer.byteLength(given.secret)
  assert(length > 0 && length <= 255, `${name}.secret must have 1 to 255 bytes`)
  return given
}

/** An address as its parts. @throws IscsiError BAD_OPTIONS */
export function parsePortal(portal: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(portal)
  const port = Number(match?.[3] ?? 3260)
  assert(match !== null && port > 0 && port < 65_536, `not an address of a portal: ${JSON.stringify(portal)}`)
  return { host: match[1] ?? match[2] ?? '', port }
}

/** An address as `host:port`. */
export function formatPortal({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Checks and completes what concerns every session. @throws IscsiError BAD_OPTIONS */
export function resolvePortalOptions(options: PortalOptions): ResolvedPortalOptions {
  assert(options.portals.length > 0, 'portals must name at least one address')
  const portals = options.portals.map((portal) => formatPortal(parsePortal(portal)))
  assert(
    namePattern.test(options.initiatorName),
    `not a name of an initiator: ${JSON.stringify(options.initiatorName)}`,
  )
  const chap = credentials('chap', options.chap)
  const targetChap = credentials('targetChap', options.targetChap)
  assert(targetChap === undefined || chap !== undefined, 'targetChap needs chap')
  // RFC 7143, 12.1.3: with one secret, whoever asks can be made to answer his own question.
  assert(
    targetChap === undefined || targetChap.secret !== chap?.secret,
    'targetChap.secret must differ from chap.secret',
  )
  return {
    portals,
    initiatorName: options.initiatorName,
    chap,
    targetChap,
    headerDigest: options.headerDigest ?? 'never',
    dataDigest: options.dataDigest ?? 'never',
    connectTimeoutMs: milliseconds('connectTimeoutMs', options.connectTimeoutMs, 5_000),
    loginTimeoutMs: milliseconds('loginTimeoutMs', options.loginTimeoutMs, 15_000),
    allowRedirect: options.allowRedirect ?? (() => true),
  }
}

/** Checks and completes the options of a session. @throws IscsiError BAD_OPTIONS */
export function resolveSessionOptions(options: SessionOptions): ResolvedSessionOptions {
  assert(namePattern.test(options.target), `not a name of a target: ${JSON.stringify(options.target)}`)
  return {
    ...resolvePortalOptions(options),
    target: options.target,
    lun: options.lun === undefined ? undefined : whole('lun', options.lun, 0, 0, 16_383),
    queueDepth: whole('queueDepth', options.queueDepth, 8, 1, 128),
    commandBytes: whole('commandBytes', options.commandBytes, 1024 * 1024, 512, 16 * 1024 * 1024),
    commandTimeoutMs: milliseconds('commandTimeoutMs', options.commandTimeoutMs, 30_000),
    flushTimeoutMs: milliseconds('flushTimeoutMs', options.flushTimeoutMs, 120_000),
    keepAliveMs: milliseconds('keepAliveMs', options.keepAliveMs, 5_000),
    keepAliveTimeoutMs: milliseconds('keepAliveTimeoutMs', options.keepAliveTimeoutMs, 10_000),
    recoveryMs: milliseconds('recoveryMs', options.recoveryMs, 60_000),
    reconnectPauseMs: milliseconds('reconnectPauseMs', options.reconnectPauseMs, 2_000),
    replays: whole('replays', options.replays, 5, 0, 1_000),
    busyMs: milliseconds('busyMs', options.busyMs, 30_000),
    abortGraceMs: milliseconds('abortGraceMs', options.abortGraceMs, 2_000),
  }
}
