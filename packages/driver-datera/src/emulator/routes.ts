/** The routes of the emulated API. */
import { asRecord, invalid, notFound, Refusal } from './answer.ts'
import type { Instance, System } from './system.ts'
import { aclView, instancePath, instanceView, storageView, volumeView } from './views.ts'

/** One request, taken apart. */
export interface ApiCall {
  readonly method: string
  /** Below the version. */
  readonly path: string
  readonly query: URLSearchParams
  readonly version: string
  readonly tenant: string
  readonly body: unknown
}

/** What an answer holds. */
export interface Result {
  readonly data: unknown
  /** Of lists. */
  readonly metadata?: object
}

/** @throws Refusal */
export async function handle(system: System, call: ApiCall, portal: string): Promise<Result> {
  const [collection = '', key, ...rest] = call.path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent)
  if (collection === 'system' && key === undefined)
    return {
      data: { name: 'emulated', uuid: system.uuid, sw_version: system.settings.softwareVersion, op_state: 'available' },
    }
  if (collection === 'tenants') return tenants(system, call, [key, ...rest].join('/'))
  if (collection === 'initiators') return initiators(system, call, key)
  if (collection === 'app_instances') return instances(system, call, key, rest, portal)
  throw new Refusal(404, 'InvalidRouteError', 'no such route')
}

function tenants(system: System, { method, body }: ApiCall, rest: string): Result {
  if (method === 'POST' && rest === '') return { data: { path: system.createTenant(body) } }
  if (method === 'GET' && system.tenants.has(`/${rest}`)) return { data: { path: `/${rest}` } }
  throw method === 'GET' ? notFound(`tenant /${rest}`) : new Refusal(405, 'InvalidRequestError', 'no such method')
}

function initiators(system: System, { method, tenant, body, version }: ApiCall, key: string | undefined): Result {
  if (method === 'POST' && key === undefined) {
    const made = system.createInitiator(tenant, body, version !== 'v2.1')
    return { data: { ...made, path: `/initiators/${made.id}` } }
  }
  const found = system.initiators.get(`${tenant} ${key}`)
  if (method === 'GET' && found) return { data: { ...found, path: `/initiators/${found.id}` } }
  throw notFound(`initiator ${key}`)
}

async function instances(
  system: System,
  call: ApiCall,
  key: string | undefined,
  rest: readonly string[],
  portal: string,
): Promise<Result> {
  const { method, tenant, body } = call
  const view = async (instance: Instance): Promise<object> =>
    instanceView(system, instance, await system.activeInitiators(instance), portal)
  if (key === undefined) {
    if (method === 'POST') return { data: await view(system.createInstance(tenant, body)) }
    if (method === 'GET') return listed(await Promise.all(matching(system, call).map(view)), call)
    throw new Refusal(405, 'InvalidRequestError', 'no such method')
  }
  const instance = system.instance(tenant, key)
  const [part, name, under, volume] = rest
  if (part === undefined) {
    if (method === 'PUT') await system.changeInstance(instance, body)
    if (method === 'DELETE') await system.deleteInstance(instance)
    return { data: await view(instance) }
  }
  if (part === (system.hasPolicies ? 'int_ecosystem_data' : 'metadata')) return metadata(system, instance, call)
  if (part !== 'storage_instances') throw new Refusal(404, 'InvalidRouteError', 'no such route')
  if (name === undefined || under === undefined) {
    if (instance.online && instance.looksUntilReady > 0) instance.looksUntilReady -= 1
    const shown = storageView(system, instance, await system.activeInitiators(instance), portal)
    return name === undefined ? listed([shown], call) : { data: shown }
  }
  if (under === 'acl_policy') {
    if (method === 'PUT') await system.setAcl(instance, body)
    return { data: aclView(instance) }
  }
  if (under === 'volumes' && volume === 'volume-1') {
    if (method === 'PUT') await system.resize(instance, body)
    return { data: volumeView(system, instance) }
  }
  throw notFound(`${instancePath(instance)}/${rest.join('/')}`)
}

/** Values become texts, as in the real system. */
function metadata(system: System, instance: Instance, { method, body }: ApiCall): Result {
  if (method === 'PUT') {
    const values = system.hasPolicies ? asRecord(asRecord(body)['data']) : asRecord(body)
    const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
    instance.metadata = { ...instance.metadata, ...texts }
  }
  return { data: instance.metadata }
}

function matching(system: System, { tenant, query }: ApiCall): readonly Instance[] {
  const filter = query.get('filter')
  const all = [...system.instances.values()].filter((instance) => instance.tenant === tenant)
  if (filter === null) return all
  const exact = /^name=(.+)$/.exec(filter)?.[1]
  if (exact !== undefined) return all.filter(({ name }) => name === exact)
  const pattern = /^match\(name,(.+)\)$/.exec(filter)?.[1]
  if (pattern === undefined) throw invalid('the filter is not understood')
  return all.filter(({ name }) => new RegExp(pattern).test(name))
}

function listed(all: readonly object[], { query, version }: ApiCall): Result {
  const limit = Math.min(Number(query.get('limit') ?? 100), 1000)
  const offset = version === 'v2.1' ? 0 : Number(query.get('offset') ?? 0)
  const page = all.slice(offset, offset + limit)
  return { data: page, metadata: { total: all.length, request_count: page.length, offset, limit } }
}
