/**
 * A server's life: everything opened in order, everything closed in the opposite order, also when a start fails half way.
 *
 * drivers and their options → locks → database → stores → recovery of what was interrupted → HTTP. Recovery runs before the first request is taken, so no client ever meets an image that a dead process left in `saving`.
 */
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { type Logger as EventLogger, hashName } from '@glance/core'
import { acquireLock, openDatabase } from '@glance/database'
import { isKeystoneError } from '@glance/keystone'
import {
  type Deps,
  hashImageData,
  type Limits,
  recoverInterruptedDeletions,
  recoverInterruptedRemovals,
  recoverInterruptedUploads,
  resumeHashing,
} from '@glance/service'
import type { Logger } from 'pino'
import type { Authenticator } from './auth/identity.ts'
import { type KeystoneAuthenticator, keystoneAuthenticator } from './auth/keystone.ts'
import { adminToken, localTokens, readTokenFile } from './auth/local-tokens.ts'
import { noauth } from './auth/noauth.ts'
import { compose, portsOf, serviceSettings } from './compose.ts'
import type { ServerConfig } from './config/load.ts'
import { ConfigError } from './config/problem.ts'
import { buildApp } from './http/app.ts'
import { appSettings } from './http/app-settings.ts'
import { keystoneLimits } from './limits/keystone-limits.ts'
import { requestAware } from './observe/request-scope.ts'
import { LivePolicy } from './policy/live-policy.ts'
import { openStores, prepareStores } from './stores/open-stores.ts'
import { HashRunner } from './workers/hash-runner.ts'

/** A server that listens. */
export interface RunningServer {
  /** Under which it is reached from this machine. */
  readonly url: string
  readonly port: number
  /** How callers prove who they are. */
  readonly access: Access
  /** Ends: running requests may finish within the configured grace time, then they are ended too. May be called twice. */
  close(): Promise<void>
}

/** How callers prove who they are. */
export type Access =
  | { readonly kind: 'noauth' }
  | { readonly kind: 'keystone'; readonly authUrl: string }
  | { readonly kind: 'local'; readonly adminToken: string; readonly adminTokenFile: string; readonly fresh: boolean }

/** Somebody else uses the data folder. */
export class DataFolderBusyError extends Error {
  override readonly name = 'DataFolderBusyError'
}

/** How long requests may take to end once they were told to. */
const lastWordsMs = 5_000

/**
 * Starts a server.
 *
 * @throws ConfigError with every problem of the configuration; DataFolderBusyError when another server runs on the same data folder, which is left alone
 */
export async function startServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  const opened: (() => Promise<void> | void)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).toReversed()) await close()
  }
  try {
    const prepared = await prepareStores(config)
    checkStart(config)
    const enforcer = LivePolicy.open(config.policy, logger)
    prepareFolder(config.dataDir)
    lock(join(config.dataDir, 'lock'), config.dataDir, opened)
    const access = accessOf(config)
    const scoped = requestAware(logger)
    const authenticator = authenticatorOf(access, config, scoped, opened)
    const limits = limitsOf(config, scoped, opened)
    const database = await openDatabase({ connection: config.connection, logger: scoped })
    opened.push(() => database.close())
    const stores = await openStores(prepared, config, scoped)
    opened.push(() => stores.close())
    const settings = serviceSettings(config.values, config.stores.multiStore, config.siteSchema)
    const hashJobs = new HashRunner({ run: (input) => hashImageData(deps, input), logger: scoped })
    opened.push(() => hashJobs.close())
    const deps: Deps = compose({
      ...portsOf(database),
      stores,
      settings,
      logger: scoped,
      enforcer,
      hashJobs,
      limits,
      protections: config.protections,
    })
    await recover(deps, logger)
    const stopping = new AbortController()
    const { DEFAULT: api } = config.values
    const app = buildApp({
      deps,
      authenticator,
      logger,
      stopping: stopping.signal,
      settings: appSettings(config.values, {
        multiStore: config.stores.multiStore,
        filters: config.pipeline.filters,
      }),
    })
    await app.listen({ host: api.bindHost, port: api.bindPort })
    opened.push(() => closeApp(app, stopping, config.values.glance_server.graceTime * 1000))
    const { port } = app.server.address() as AddressInfo
    const { file, filters } = config.pipeline
    if (file !== null)
      logger.info({ file: basename(file), filters: [...filters] }, 'filters are taken from the paste file')
    for (const warning of prepared.warnings) logger.warn({ configuration: warning }, 'configuration')
    return { url: `http://${reachable(api.bindHost)}:${port}`, port, access, close: closeAll }
  } catch (error) {
    await closeAll().catch((failure: unknown) => logger.error({ err: failure }, 'closing after a failed start'))
    throw error
  }
}

/** Clears what a process left that died. What cannot be cleared now, as its store is away, is tried again at the next start. */
async function recover(deps: Deps, logger: Logger): Promise<void> {
  const found = {
    uploads: await recoverInterruptedUploads(deps),
    deletions: await recoverInterruptedDeletions(deps),
    removals: await recoverInterruptedRemovals(deps),
  }
  for (const [what, { recovered, failed }] of Object.entries(found)) {
    if (recovered.length + failed.length > 0)
      logger.warn({ what, recovered, failed }, 'recovered what a process left that died')
  }
  const resumed = await resumeHashing(deps)
  if (resumed.length > 0) logger.warn({ images: resumed }, 'the hashing of image data goes on')
}

/** Problems that only show when the options are seen together. */
function checkStart({ auth, values, settings }: ServerConfig): void {
  const { noauthAnywhere } = values.glance_server
  const { bindHost, hashingAlgorithm } = values.DEFAULT
  const problem = (group: string, option: string, message: string): ConfigError =>
    new ConfigError([{ place: settings.find(group, option)?.place ?? null, group, option, message }])
  if (auth === 'noauth' && !noauthAnywhere && !isLoopback(bindHost)) {
    throw problem(
      'glance_server',
      'auth',
      `is noauth, which makes everybody an administrator: set bind_host to 127.0.0.1, or noauth_anywhere to true if that is meant for ${bindHost}`,
    )
  }
  if (hashName(hashingAlgorithm) === null)
    throw problem('DEFAULT', 'hashing_algorithm', `is ${hashingAlgorithm}, which this Node.js does not have`)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** An address of all interfaces is no address to call. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function prepareFolder(folder: string): void {
  if (existsSync(folder)) return
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o700)
}

function lock(path: string, folder: string, opened: (() => void)[]): void {
  const held = acquireLock(path)
  if (held === null)
    throw new DataFolderBusyError(
      `another glance-server runs on ${folder}; it is left alone. Stop it, or choose another folder with --data-dir`,
    )
  opened.push(() => held.release())
}

/** How callers prove who they are, by configuration. Makes the administrator's token when there is none. */
export function accessOf({ auth, keystoneLogin, dataDir }: ServerConfig): Access {
  if (auth === 'noauth') return { kind: 'noauth' }
  if (auth === 'keystone') return { kind: 'keystone', authUrl: keystoneLogin.authUrl ?? '' }
  const adminTokenFile = join(dataDir, 'admin-token')
  const { token, fresh } = adminToken(adminTokenFile)
  return { kind: 'local', adminToken: token, adminTokenFile, fresh }
}

/** Who lets callers in. @param opened - gets what has to be closed. @throws ConfigError for what Keystone's options lack */
export function authenticatorOf(
  access: Access,
  config: ServerConfig,
  logger: EventLogger,
  opened: (() => Promise<void> | void)[],
): Authenticator {
  const { values, dataDir } = config
  if (access.kind === 'noauth') return noauth
  if (access.kind === 'keystone') return withKeystone(config, logger, opened)
  const usual = join(dataDir, 'tokens.json')
  const file = values.glance_server.tokensFile ?? (existsSync(usual) ? usual : null)
  const admin = { user: 'admin', project: 'admin', roles: ['admin'] }
  return localTokens(new Map([...(file === null ? [] : readTokenFile(file)), [access.adminToken, admin]]))
}

function withKeystone(
  config: ServerConfig,
  logger: EventLogger,
  opened: (() => Promise<void> | void)[],
): Authenticator {
  const { authSection = 'keystone_authtoken' } = config.values.keystone_authtoken
  const open = (): KeystoneAuthenticator =>
    keystoneAuthenticator(config.values.keystone_authtoken, config.keystoneLogin, logger)
  return kept(inGroup(authSection, open), opened)
}

/** The limits that Keystone keeps; null when it has no say in them. */
function limitsOf(
  { values, limitsLogin }: ServerConfig,
  logger: EventLogger,
  opened: (() => Promise<void> | void)[],
): Limits | null {
  if (!values.DEFAULT.useKeystoneLimits) return null
  const { authSection = 'oslo_limit' } = values.oslo_limit
  return kept(
    inGroup(authSection, () => keystoneLimits(values.oslo_limit, limitsLogin, logger)),
    opened,
  )
}

function kept<T extends { close(): Promise<void> }>(resource: T, opened: (() => Promise<void> | void)[]): T {
  opened.push(() => resource.close())
  return resource
}

/** Turns what Keystone's options lack into a problem of their group. */
function inGroup<T>(group: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!isKeystoneError(error)) throw error
    throw new ConfigError([{ place: null, group, option: null, message: error.message }])
  }
}

async function closeApp(
  app: Awaited<ReturnType<typeof buildApp>>,
  stopping: AbortController,
  graceMs: number,
): Promise<void> {
  const idle = setInterval(() => app.server.closeIdleConnections(), 200)
  const grace = setTimeout(() => stopping.abort(new Error('the server stops')), graceMs)
  const end = setTimeout(() => app.server.closeAllConnections(), graceMs + lastWordsMs)
  try {
    await app.close()
  } finally {
    clearInterval(idle)
    clearTimeout(grace)
    clearTimeout(end)
  }
}
