/**
 * A request that is answered without doing anything.
 *
 * The whole application runs over the real records, but every port is guarded: what reads records goes through, a change is decided on the record as it is and then stops the request, and so does
 * everything else, stores above all. What stopped it is how far the caller would have got.
 */
import { type Logger as EventLogger, noopLogger } from '@glance/core'
import type { Database } from '@glance/database'
import {
  type Enforcer,
  type FoundImage,
  type Image,
  isVisible,
  type Policy,
  type RequestContext,
} from '@glance/service'
import type { FastifyBaseLogger } from 'fastify'
import type { Authenticator } from '../auth/identity.ts'
import { compose, portsOf, serviceSettings } from '../compose.ts'
import type { ServerConfig } from '../config/load.ts'
import { buildApp } from '../http/app.ts'
import { appSettings } from '../http/app-settings.ts'
import { guardedStores } from './guarded-stores.ts'

/** What a rehearsal works with. The database is read and not written to. */
export interface RehearsalInput {
  readonly config: ServerConfig
  readonly database: Database
  readonly policy: Policy
  readonly authenticator: Authenticator
  readonly logger: FastifyBaseLogger & EventLogger
}

/** The request. */
export interface RehearsedRequest {
  readonly method: string
  readonly path: string
  readonly token: string | null
  readonly serviceToken: string | null
  /** JSON; null for one that fits the method. */
  readonly body: string | null
}

/** A rule that was asked, once for each target. */
export interface AskedRule {
  readonly rule: string
  /** Its text. */
  readonly text: string
  readonly allowed: boolean
  /** How it came to its answer, in lines. */
  readonly story: string
}

/** What came of it. */
export interface Rehearsal {
  readonly request: RehearsedRequest
  /** Who asked; null when nobody was let in. */
  readonly caller: RequestContext | null
  readonly asked: readonly AskedRule[]
  /** What the request would have done next; null when it was answered before it came to anything. */
  readonly reached: string | null
  readonly status: number
  readonly message: string
  /** The image that the path names, whoever may see it, and whether the caller does. */
  readonly image: { readonly found: FoundImage; readonly visible: boolean } | null
}

/** Ends a request where it would begin to do something. */
class Reached extends Error {
  override readonly name = 'Reached'
}

/** Runs it. @throws ServiceError UNAVAILABLE when the database cannot be read */
export async function rehearse(input: RehearsalInput, request: RehearsedRequest): Promise<Rehearsal> {
  const { config, database, policy, authenticator, logger } = input
  const { multiStore } = config.stores
  let reached: string | null = null
  const reach = (what: string): never => {
    reached ??= what
    throw new Reached(what)
  }
  const seen = new Map<string, AskedRule>()
  let caller: RequestContext | null = null
  const enforcer: Enforcer = {
    allows(rule, context, target) {
      caller = context
      const allowed = policy.enforcer.allows(rule, context, target)
      const story = policy.explain(rule, context, target)
      seen.set(story, { rule, text: policy.textOf(rule), allowed, story })
      return allowed
    },
  }
  const deps = compose({
    ...guardedPorts(database, reach),
    stores: await guardedStores(config, reach),
    settings: serviceSettings(config.values, multiStore, config.siteSchema),
    logger: noopLogger,
    hashJobs: { enqueue: () => reach('hash the data at a location'), stop: () => {} },
    protections: config.protections,
    enforcer,
  })
  const app = buildApp({
    deps,
    authenticator,
    logger,
    stopping: new AbortController().signal,
    settings: appSettings(config.values, { multiStore, filters: config.pipeline.filters }),
  })
  try {
    const answer = await app.inject({
      method: request.method as 'GET',
      url: request.path,
      headers: headersOf(request),
      ...payloadOf(request),
    })
    const image = await imageOf(database, request.path, caller)
    const message = reached === null ? messageOf(answer.body) : ''
    return { request, caller, asked: [...seen.values()], reached, status: answer.statusCode, message, image }
  } finally {
    await app.close()
    await deps.stores.close()
  }
}

/** Names of methods that only look at records. */
const looks =
  /^(?:find|list|show|get|read|is|has|count|check|ids|names|resourceTypes|stored|staged|imageCount|uploadingCount)/

type Method = (...args: readonly unknown[]) => unknown
type Ports = ReturnType<typeof portsOf>

/** The ports of a database that are read and never written to. */
function guardedPorts(database: Database, reach: (what: string) => never): Ports {
  const ports = portsOf(database)
  const guarded = Object.entries(ports).map(([name, port]) => [name, guardedPort(ports, name, port, reach)])
  return Object.fromEntries(guarded)
}

function guardedPort(ports: Ports, name: string, port: object, reach: (what: string) => never): object {
  return new Proxy(port, {
    get(target: object, key) {
      const value: unknown = Reflect.get(target, key)
      // A port may be several: each kind of metadata definition is one.
      if (typeof value === 'object' && value !== null) return guardedPort(ports, name, value, reach)
      if (typeof value !== 'function') return value
      if (looks.test(String(key))) return value.bind(target)
      return async (...args: readonly unknown[]) => {
        if ((await decided(ports, name, args)) === 'missing') return null
        return reach(`change the records of ${name}`)
      }
    },
  })
}

/**
 * Lets a change be decided on the records as they are, for the decision asks rules. Ports whose changes decide nothing are as good as done.
 *
 * @returns `missing` when there is no such namespace of metadata definitions, which then is the answer
 */
async function decided(ports: Ports, name: string, args: readonly unknown[]): Promise<'missing' | undefined> {
  const [id] = args
  const decide = args.find((arg) => typeof arg === 'function') as Method | undefined
  if (typeof id !== 'string' || decide === undefined) return undefined
  if (name === 'metadefs') {
    const found = await ports.metadefs.find(id)
    if (found === null) return 'missing'
    decide(found.namespace, null)
    return undefined
  }
  const found = await ports.images.find(id, null)
  if (found === null) return undefined
  const { image }: { image: Image } = found
  decide(image, ...(name === 'members' ? [await ports.members.list(id)] : []))
  return undefined
}

function headersOf({ method, path, token, serviceToken }: RehearsedRequest): Readonly<Record<string, string>> {
  const types: Readonly<Record<string, string>> = { PATCH: 'application/openstack-images-v2.1-json-patch' }
  const data = /\/(?:file|stage)$/.test(path.split('?')[0] ?? '')
  return {
    accept: 'application/json',
    'content-type': data ? 'application/octet-stream' : (types[method] ?? 'application/json'),
    ...(token === null ? {} : { 'x-auth-token': token }),
    ...(serviceToken === null ? {} : { 'x-service-token': serviceToken }),
  }
}

/** Bodies that get past the first look, where a request needs one: what they say is not carried out. */
const usualBodies: readonly (readonly [method: string, path: RegExp, body: string])[] = [
  ['PATCH', /^\/v2[^/]*\/images\/[^/]+$/, '[{"op": "replace", "path": "/name", "value": "rehearsed"}]'],
  ['POST', /^\/v2[^/]*\/images$/, '{}'],
  ['POST', /\/members$/, '{"member": "rehearsed"}'],
  ['PUT', /\/members\/[^/]+$/, '{"status": "accepted"}'],
  ['PUT', /\/(?:file|stage)$/, 'rehearsed'],
]

function payloadOf({ method, path, body }: RehearsedRequest): { readonly payload?: string } {
  const plain = path.split('?')[0] ?? ''
  const usual = usualBodies.find(([each, pattern]) => each === method && pattern.test(plain))?.[2]
  const payload = body ?? usual
  return payload === undefined ? {} : { payload }
}

async function imageOf(database: Database, path: string, caller: RequestContext | null): Promise<Rehearsal['image']> {
  const id = /^\/v2[^/]*\/images\/([^/?]+)/.exec(path)?.[1]
  if (id === undefined || caller === null) return null
  const found = await database.images.find(decodeURIComponent(id), caller.project)
  return found === null ? null : { found, visible: isVisible(caller, found) }
}

/** The sentences of an error's JSON. */
function messageOf(body: string): string {
  try {
    const { message }: { message?: unknown } = JSON.parse(body)
    return typeof message === 'string'
      ? message
          .replace(/<br \/><br \/>/, ' ')
          .replace(/\s+/g, ' ')
          .trim()
      : ''
  } catch {
    return ''
  }
}
