/**
 * The app instances of images: one each, with one storage instance (an iSCSI target) and one volume (its disk).
 *
 * An image is whole when the metadata of its app instance have a `length`: they are written last, after the bytes are durable. What has none is under way or was left by a killed process.
 */
import { createHash } from 'node:crypto'
import type { DateraApi } from './api.ts'
import { ApiError } from './errors.ts'
import { type Polling, poll } from './wait.ts'

/** What is known of one. */
export interface AppInstance {
  /** Path in the API: `/app_instances/<id>`. */
  readonly path: string
  readonly name: string
  readonly descr: string
  readonly online: boolean
  /** Names of initiators that are logged in. */
  readonly activeInitiators: readonly string[]
}

/** Where the disk of one is offered. */
export interface Target {
  readonly iqn: string
  /** Addresses, some with a port. */
  readonly addresses: readonly string[]
  readonly storagePath: string
}

/** What a new one is like. */
export interface NewAppInstance {
  readonly imageId: string
  /** Whole GiB. */
  readonly sizeGib: number
  readonly replicaCount: number
  readonly placementMode: string
  readonly chap: { readonly user: string; readonly secret: string } | null
  /** Kept in its description, to know it again. */
  readonly token: string
}

/** Facts of an image that are kept with its volume. */
export interface ImageFacts {
  /** Bytes of the image; the volume is longer. */
  readonly length: number
}

/** System software from which on media are named by a policy, and metadata have another place. */
const firstWithPolicies = [3, 3] as const

export class AppInstances {
  readonly #api: DateraApi
  readonly #polling: Omit<Polling, 'signal'>
  #tenantReady: Promise<void> | null = null
  #policies: Promise<boolean> | null = null

  constructor(api: DateraApi, polling: Omit<Polling, 'signal'>) {
    this.#api = api
    this.#polling = polling
  }

  /** Makes the tenant if it is missing. Asked once. */
  ensureTenant(tenant: string, signal: AbortSignal): Promise<void> {
    if (tenant === '/root') return Promise.resolve()
    this.#tenantReady ??= this.#makeTenant(tenant, signal).catch((error: unknown) => {
      this.#tenantReady = null
      throw error
    })
    return this.#tenantReady
  }

  async #makeTenant(tenant: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#api.send({ method: 'GET', path: `/tenants${tenant}`, tenant: '/root', signal })
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
      const cut = tenant.lastIndexOf('/')
      const parent = tenant.slice(0, cut)
      const body = { name: tenant.slice(cut + 1), ...(parent === '/root' ? {} : { parent_path: parent }) }
      const request = { method: 'POST', path: '/tenants', body, tenant: '/root', signal } as const
      await this.#api.created(request, async () => ({}))
    }
  }

  /** @throws ApiError 409 when there is one for the image id */
  async create(wanted: NewAppInstance, signal: AbortSignal): Promise<AppInstance> {
    const { imageId, sizeGib, replicaCount, placementMode, chap, token } = wanted
    const media = (await this.#hasPolicies(signal))
      ? { placement_policy: { path: `/placement_policies/${placementMode}` } }
      : { placement_mode: placementMode }
    const volume = { name: 'volume-1', size: sizeGib, replica_count: replicaCount, snapshot_policies: [], ...media }
    const auth = chap === null ? {} : { auth: { type: 'chap', target_user_name: chap.user, target_pswd: chap.secret } }
    const body = {
      name: nameOf(imageId),
      ...(uuidPattern.test(imageId) ? { uuid: imageId } : {}),
      descr: token,
      create_mode: 'openstack',
      access_control_mode: 'deny_all',
      storage_instances: [{ name: 'storage-1', volumes: [volume], ...auth }],
    }
    const made = await this.#api.created({ method: 'POST', path: '/app_instances', body, signal }, async () => {
      const there = await this.find(imageId, signal)
      return there?.descr === token ? there : null
    })
    return 'activeInitiators' in asRecord(made) ? (made as AppInstance) : parseAppInstance(made)
  }

  /** The one of an image, under the name of this or of an older release; null when there is none. */
  async find(imageId: string, signal: AbortSignal): Promise<AppInstance | null> {
    const names = [nameOf(imageId), ...(imageId.length <= 61 ? [`OS-${imageId}`] : [])]
    for (const name of names) {
      const listed = await this.#api.list('/app_instances', `name=${name}`, signal).catch((error: unknown) => {
        // The tenant is made with its first image.
        if (error instanceof ApiError && error.status === 404) return []
        throw error
      })
      const found = listed.map(parseAppInstance)
      const exact = found.find((each) => each.name === name)
      if (exact) return exact
    }
    return null
  }

  async setOnline(path: string, signal: AbortSignal): Promise<void> {
    await this.#api.send({ method: 'PUT', path, body: { admin_state: 'online' }, signal })
  }

  /** @param force - ends the sessions of whoever uses it; without it the system refuses while somebody does */
  async setOffline(path: string, force: boolean, signal: AbortSignal): Promise<void> {
    await this.#api.send({ method: 'PUT', path, body: { admin_state: 'offline', force }, signal })
  }

  /** Lets an initiator in, besides those that may come in already, and waits until the disk is offered. @throws StoreError UNAVAILABLE when it is not in time */
  async openTo(path: string, initiator: string, signal: AbortSignal): Promise<Target> {
    const storage = await this.#storage(path, signal)
    const aclPath = `${storage.path}/acl_policy`
    const acl = asRecord(await this.#api.send({ method: 'GET', path: aclPath, signal }))
    const own = await this.#registered(initiator, signal)
    const initiators = pathsOf(acl['initiators'])
    if (!initiators.includes(own)) {
      const body = {
        initiators: [...initiators, own].map((each) => ({ path: each })),
        initiator_groups: pathsOf(acl['initiator_groups']).map((each) => ({ path: each })),
      }
      await this.#api.send({ method: 'PUT', path: aclPath, body, signal })
    }
    return poll('the volume', { ...this.#polling, signal }, async () => {
      const { opState, target } = await this.#storage(path, signal)
      return opState === 'available' ? target : null
    })
  }

  /** Makes the volume longer and waits until it is. @throws StoreError UNAVAILABLE */
  async grow(path: string, storagePath: string, sizeGib: number, signal: AbortSignal): Promise<void> {
    const volumePath = `${storagePath}/volumes/volume-1`
    const resize = (): Promise<unknown> =>
      this.#api.send({ method: 'PUT', path: volumePath, body: { size: sizeGib }, signal })
    try {
      await resize()
    } catch (error) {
      // Some releases take a new size only while the volume is offline; the session comes back by itself.
      if (
        !(error instanceof ApiError) ||
        ![400, 409, 422].includes(error.status) ||
        /capacity|space/i.test(error.message)
      )
        throw error
      await this.setOffline(path, true, signal)
      await resize()
      await this.setOnline(path, signal)
    }
    await poll('the longer volume', { ...this.#polling, signal }, async () => {
      const volume = asRecord(await this.#api.send({ method: 'GET', path: volumePath, signal }))
      return volume['op_state'] === 'available' && Number(volume['size']) >= sizeGib ? true : null
    })
  }

  /** Facts of the image, null when it is not whole. */
  async facts(path: string, signal: AbortSignal): Promise<ImageFacts | null> {
    const metadata = asRecord(
      await this.#api.send({ method: 'GET', path: await this.#metadataPath(path, signal), signal }),
    )
    const length = metadata['length']
    const text = typeof length === 'number' ? String(length) : length
    if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) return null
    return { length: Number(text) }
  }

  /** Says that an image is whole. Texts, because the system makes texts of everything. */
  async setFacts(path: string, facts: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    const metadataPath = await this.#metadataPath(path, signal)
    const body = metadataPath.endsWith('/metadata') ? facts : { data: facts }
    await this.#api.send({ method: 'PUT', path: metadataPath, body, signal })
  }

  /** Takes it offline and removes it with its volume. Nothing there is no error. */
  async remove(path: string, signal: AbortSignal): Promise<void> {
    const unlessMissing = (error: unknown): void => {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
    }
    await this.setOffline(path, true, signal).catch(unlessMissing)
    await this.#api.send({ method: 'DELETE', path, body: { force: true }, signal }).catch(unlessMissing)
  }

  /** @returns the path of our own initiator in the API */
  async #registered(initiator: string, signal: AbortSignal): Promise<string> {
    const path = `/initiators/${initiator}`
    try {
      await this.#api.send({ method: 'GET', path, signal })
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
      // Only newer versions know `force`, which takes an initiator over from another tenant.
      const force = (await this.#api.isModern(signal)) ? { force: true } : {}
      const body = {
        id: initiator,
        name: `OpenStack-${initiator.slice(-16).replace(/[^A-Za-z0-9_.-]/g, '-')}`,
        ...force,
      }
      await this.#api.created({ method: 'POST', path: '/initiators', body, signal }, async () => ({}))
    }
    return path
  }

  async #storage(path: string, signal: AbortSignal): Promise<{ path: string; opState: string; target: Target | null }> {
    const [first] = await this.#api.list(`${path}/storage_instances`, null, signal)
    const storage = asRecord(first)
    const access = asRecord(storage['access'])
    const ips = access['ips']
    const addresses = Array.isArray(ips) ? ips.filter((ip): ip is string => typeof ip === 'string') : []
    const storagePath = String(storage['path'] ?? `${path}/storage_instances/storage-1`)
    const iqn = access['iqn']
    const target = typeof iqn === 'string' && addresses.length > 0 ? { iqn, addresses, storagePath } : null
    return { path: storagePath, opState: String(storage['op_state'] ?? ''), target }
  }

  async #metadataPath(path: string, signal: AbortSignal): Promise<string> {
    return `${path}/${(await this.#hasPolicies(signal)) ? 'int_ecosystem_data' : 'metadata'}`
  }

  #hasPolicies(signal: AbortSignal): Promise<boolean> {
    this.#policies ??= this.#askPolicies(signal).catch((error: unknown) => {
      this.#policies = null
      throw error
    })
    return this.#policies
  }

  async #askPolicies(signal: AbortSignal): Promise<boolean> {
    if (!(await this.#api.isModern(signal))) return false
    const { sw_version: version } = asRecord(
      await this.#api.send({ method: 'GET', path: '/system', tenant: '/root', signal }),
    )
    const [major = 0, minor = 0] = String(version ?? '')
      .split('.')
      .map(Number)
    return major > firstWithPolicies[0] || (major === firstWithPolicies[0] && minor >= firstWithPolicies[1])
  }
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The name of the app instance of an image: `OS-IMAGE-<image id>`. Names have 64 characters at most, so an id of more than 55 stands in its name by the
 * beginning of its SHA-256.
 */
export function nameOf(imageId: string): string {
  const name = `OS-IMAGE-${imageId}`
  return name.length <= 64 ? name : `OS-IMAGE-${createHash('sha256').update(imageId).digest('hex').slice(0, 55)}`
}

function parseAppInstance(value: unknown): AppInstance {
  const raw = asRecord(value)
  const storages = Array.isArray(raw['storage_instances']) ? raw['storage_instances'].map(asRecord) : []
  const path =
    typeof raw['path'] === 'string' && raw['path'] !== ''
      ? raw['path']
      : `/app_instances/${String(raw['id'] ?? raw['name'])}`
  return {
    path,
    name: String(raw['name'] ?? ''),
    descr: String(raw['descr'] ?? ''),
    online: raw['admin_state'] === 'online',
    activeInitiators: storages.flatMap((storage) => pathsOf(storage['active_initiators'])),
  }
}

/** Paths of a list of `{path}` or of texts. */
function pathsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each) =>
    typeof each === 'string'
      ? [each]
      : typeof asRecord(each)['path'] === 'string'
        ? [String(asRecord(each)['path'])]
        : [],
  )
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
