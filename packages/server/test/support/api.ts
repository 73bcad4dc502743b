/**
 * The whole service without a socket: the real application over SQLite in memory and memory stores, called by `inject()`.
 */
import { noopLogger, Store, StoreSet } from '@glance/core'
import { openDatabase } from '@glance/database'
import memoryDriver from '@glance/driver-memory'
import {
  type Deps,
  type Enforcer,
  hashImageData,
  type Limits,
  type PropertyProtections,
  type SiteSchema,
} from '@glance/service'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Authenticator } from '../../src/auth/identity.ts'
import { localTokens } from '../../src/auth/local-tokens.ts'
import { compose, serviceSettings } from '../../src/compose.ts'
import { loadConfig } from '../../src/config/load.ts'
import { buildApp } from '../../src/http/app.ts'
import { appSettings } from '../../src/http/app-settings.ts'
import { createLogger } from '../../src/observe/log.ts'
import { HashRunner } from '../../src/workers/hash-runner.ts'

/** Who calls: members and readers of two projects, somebody of a third, and an administrator. */
export const tokens = {
  admin: 'token-of-the-administrator',
  alice: 'token-of-alice-member-of-one',
  bob: 'token-of-bob-member-of-two',
  rita: 'token-of-rita-reader-of-one',
  ben: 'token-of-ben-reader-of-two',
  eve: 'token-of-eve-member-of-three',
} as const
export type Caller = keyof typeof tokens

const people = new Map([
  [tokens.admin, { user: 'admin', project: 'admin', roles: ['admin'] }],
  [tokens.alice, { user: 'alice', project: 'one', roles: ['member'] }],
  [tokens.bob, { user: 'bob', project: 'two', roles: ['member'] }],
  [tokens.rita, { user: 'rita', project: 'one', roles: ['reader'] }],
  [tokens.ben, { user: 'ben', project: 'two', roles: ['reader'] }],
  [tokens.eve, { user: 'eve', project: 'three', roles: ['member'] }],
])

/** A service to call. */
export interface Api {
  readonly app: FastifyInstance
  readonly deps: Deps
  readonly hashJobs: HashRunner
  /** Calls as somebody; null for nobody. */
  call(
    caller: Caller | null,
    method: NonNullable<InjectOptions['method']>,
    url: string,
    more?: InjectOptions,
  ): Promise<LightMyRequestResponse>
  /** Makes an image and returns what the API shows of it. */
  create(
    caller: Caller,
    members?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>> & { readonly id: string }>
  /** Makes an image with data. */
  createActive(caller: Caller, data: string, members?: Readonly<Record<string, unknown>>): Promise<string>
  /** Sends a patch of version 2.1. */
  patch(caller: Caller, id: string, operations: unknown): Promise<LightMyRequestResponse>
  [Symbol.asyncDispose](): Promise<void>
}

/** Options of `[DEFAULT]` that differ from the defaults, and whether there are several stores. */
export interface ApiSetup {
  readonly options?: Readonly<Record<string, string>>
  readonly stores?: readonly string[]
  /** Stores beside these. */
  readonly more?: readonly Store[]
  /** Who lets callers in; local tokens by default. */
  readonly authenticator?: Authenticator
  /** Options of other groups. */
  readonly groups?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Who decides; the default rules by default. */
  readonly enforcer?: Enforcer
  /** What Keystone would say of limits; it has no say by default. */
  readonly limits?: Limits
  /** Rules for additional properties; none by default. */
  readonly protections?: PropertyProtections
  /** What the site says of additional properties; nothing by default. */
  readonly siteSchema?: SiteSchema
}

/** Opens one. With `stores`, several memory stores of these identifiers, the first the default; else a single one. */
export async function openApi({
  options = {},
  groups = {},
  stores,
  more = [],
  authenticator,
  enforcer,
  limits,
  protections,
  siteSchema,
}: ApiSetup = {}): Promise<Api> {
  const { values, pipeline } = loadConfig({
    configFiles: [],
    configDirs: [],
    environment: {},
    overrides: {
      ...groups,
      DEFAULT: { ...options },
      healthcheck: { disable_by_file_path: '/nonexistent/healthcheck_disable', ...groups['healthcheck'] },
    },
  })
  const database = await openDatabase({ connection: 'sqlite://' })
  const ids = stores ?? ['memory']
  const opened = await Promise.all(
    ids.map((id, index) =>
      Store.open(memoryDriver, {}, { id, weight: ids.length - index, description: `store ${id}` }),
    ),
  )
  const set = new StoreSet({ stores: [...opened, ...more], defaultId: ids[0] ?? '' })
  const multiStore = stores !== undefined
  const { filters } = pipeline
  const hashJobs = new HashRunner({ run: (input) => hashImageData(deps, { ...input, pauseMs: 1 }), logger: noopLogger })
  const deps: Deps = compose({
    images: database.images,
    members: database.members,
    usage: database.usage,
    metadefs: database.metadefs,
    stores: set,
    settings: serviceSettings(values, multiStore, siteSchema ?? null),
    logger: noopLogger,
    hashJobs,
    limits: limits ?? null,
    protections: protections ?? null,
    ...(enforcer ? { enforcer } : {}),
  })
  const app = buildApp({
    deps,
    authenticator: authenticator ?? localTokens(people),
    logger: createLogger({ debug: false, file: null }, { write: () => {} }),
    stopping: new AbortController().signal,
    settings: { ...appSettings(values, { multiStore, filters }), clientTimeoutMs: 0 },
  })
  const call: Api['call'] = (caller, method, url, more = {}) =>
    app.inject({
      ...more,
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(caller === null ? {} : { 'x-auth-token': tokens[caller] }),
        ...more.headers,
      },
    })
  const create: Api['create'] = async (caller, members = {}) => {
    const answer = await call(caller, 'POST', '/v2/images', {
      payload: { name: 'test', disk_format: 'raw', container_format: 'bare', ...members },
    })
    if (answer.statusCode !== 201) throw new Error(`create answered ${answer.statusCode}: ${answer.body}`)
    return answer.json()
  }
  return {
    app,
    deps,
    hashJobs,
    call,
    create,
    createActive: async (caller, data, members) => {
      const { id } = await create(caller, members)
      const answer = await upload({ call }, caller, id, data)
      if (answer.statusCode !== 204) throw new Error(`upload answered ${answer.statusCode}: ${answer.body}`)
      return id
    },
    patch: (caller, id, operations) =>
      call(caller, 'PATCH', `/v2/images/${id}`, {
        headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
        payload: JSON.stringify(operations),
      }),
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await hashJobs.close()
      await set.close()
      await database.close()
    },
  }
}

/** Sends data to an image. */
export function upload(
  api: Pick<Api, 'call'>,
  caller: Caller,
  id: string,
  data: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<LightMyRequestResponse> {
  return api.call(caller, 'PUT', `/v2/images/${id}/file`, {
    headers: { 'content-type': 'application/octet-stream', ...headers },
    payload: data,
  })
}
