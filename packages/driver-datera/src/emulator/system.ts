/**
 * The objects of an emulated system: tenants, app instances with one storage instance and one volume each, initiators.
 *
 * What is online is offered by tgtd; what is offline is not. Nothing outlives the process.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { asRecord, conflict, invalid, notFound, onlyMembers, Refusal } from './answer.ts'
import type { Tgt } from './tgt.ts'

/** One app instance with all that belongs to it. */
export interface Instance {
  readonly tenant: string
  readonly id: string
  readonly name: string
  readonly uuid: string
  readonly descr: string
  readonly createMode: string
  readonly iqn: string
  readonly file: string
  readonly replicaCount: number
  readonly placement: Readonly<Record<string, unknown>>
  readonly auth: { readonly user: string; readonly secret: string } | null
  online: boolean
  sizeGib: number
  initiators: readonly string[]
  metadata: Readonly<Record<string, string>>
  /** Looks at the storage instance that still find it unavailable. */
  looksUntilReady: number
}

/** How a system is set up. */
export interface SystemSettings {
  /** Software version; from 3.3 on placement is a policy and metadata lie under `int_ecosystem_data`. */
  readonly softwareVersion: string
  /** GiB of all volumes together, each counted once for each replica. */
  readonly capacityGib: number
  /** How many looks find a storage instance unavailable after it went online. */
  readonly looksUntilReady: number
  /** Whether volumes are resized only while they are offline. */
  readonly resizeOffline: boolean
}

const gib = 1024 ** 3
const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]{2,63}$/
const placements = ['hybrid', 'single_flash', 'all_flash']

export class System {
  readonly settings: SystemSettings
  readonly uuid: string = randomUUID()
  readonly tenants = new Set(['/root'])
  readonly instances = new Map<string, Instance>()
  /** Path of a tenant and name: `/root iqn.…`. */
  readonly initiators = new Map<string, { readonly id: string; readonly name: string }>()
  readonly #tgt: Tgt

  constructor(tgt: Tgt, settings: SystemSettings) {
    this.#tgt = tgt
    this.settings = settings
  }

  get hasPolicies(): boolean {
    const [major = 0, minor = 0] = this.settings.softwareVersion.split('.').map(Number)
    return major > 3 || (major === 3 && minor >= 3)
  }

  /** By id, name or UUID, as paths may say it. */
  instance(tenant: string, key: string): Instance {
    for (const each of this.instances.values())
      if (each.tenant === tenant && [each.id, each.name, each.uuid].includes(key)) return each
    throw notFound(`app_instance ${key}`)
  }

  createTenant(raw: unknown): string {
    const body = asRecord(raw)
    onlyMembers(body, ['name', 'descr', 'parent_path'])
    const { name, parent_path: parent = '/root' } = body
    if (typeof name !== 'string' || !/^[A-Za-z0-9_.-]{3,64}$/.test(name))
      throw invalid('the name of a tenant has 3 to 64 letters')
    if (typeof parent !== 'string' || !this.tenants.has(parent)) throw notFound(`tenant ${String(parent)}`)
    const path = `${parent}/${name}`
    if (this.tenants.has(path)) throw conflict(`tenant ${path}`)
    this.tenants.add(path)
    return path
  }

  createInitiator(tenant: string, raw: unknown, modern: boolean): { readonly id: string; readonly name: string } {
    const body = asRecord(raw)
    onlyMembers(body, modern ? ['id', 'name', 'force'] : ['id', 'name'])
    const { id, name } = body
    if (typeof id !== 'string' || !/^(iqn|eui)\./.test(id)) throw invalid('id is no name of an initiator')
    if (typeof name !== 'string' || name.length < 3 || name.length > 128) throw invalid('name has 3 to 128 characters')
    const key = `${tenant} ${id}`
    if (this.initiators.has(key)) throw conflict(`initiator ${id}`)
    const made = { id, name }
    this.initiators.set(key, made)
    return made
  }

  createInstance(tenant: string, raw: unknown): Instance {
    const body = asRecord(raw)
    onlyMembers(body, [
      'name',
      'uuid',
      'descr',
      'create_mode',
      'access_control_mode',
      'storage_instances',
      'snapshot_policies',
    ])
    const { name, uuid, descr, create_mode: createMode = 'normal', storage_instances: storages } = body
    if (typeof name !== 'string' || !namePattern.test(name)) throw invalid('name has 3 to 64 letters, digits, _ . -')
    if (descr !== undefined && (typeof descr !== 'string' || descr.length < 3 || descr.length > 128))
      throw invalid('descr has 3 to 128 characters')
    if (uuid !== undefined && (typeof uuid !== 'string' || !/^[0-9a-f-]{36}$/i.test(uuid)))
      throw invalid('uuid is none')
    if (!Array.isArray(storages) || storages.length !== 1) throw invalid('one storage instance is expected here')
    for (const each of this.instances.values())
      if (each.tenant === tenant && (each.name === name || (uuid !== undefined && each.uuid === uuid)))
        throw conflict(`app_instance ${name}`)
    const storage = asRecord(storages[0])
    onlyMembers(storage, ['name', 'volumes', 'access_control_mode', 'acl_policy', 'ip_pool', 'auth', 'admin_state'])
    const volume = this.#volumeOf(storage['volumes'])
    this.#assertRoom(volume.sizeGib * volume.replicaCount)
    const id = randomUUID()
    const made: Instance = {
      tenant,
      id,
      name,
      uuid: typeof uuid === 'string' ? uuid : '00000000-0000-0000-0000-000000000000',
      descr: typeof descr === 'string' ? descr : '',
      createMode: String(createMode),
      iqn: `iqn.2013-05.com.daterainc:tc:01:sn:${randomBytes(8).toString('hex')}`,
      file: this.#tgt.createDisk(id, volume.sizeGib * gib),
      ...volume,
      auth: authOf(storage['auth']),
      // A new one comes up by itself.
      online: false,
      initiators: [],
      metadata: {},
      looksUntilReady: this.settings.looksUntilReady,
    }
    this.instances.set(id, made)
    return made
  }

  async changeInstance(instance: Instance, raw: unknown): Promise<void> {
    const body = asRecord(raw)
    onlyMembers(body, ['admin_state', 'force', 'descr', 'snapshot_policies'])
    const { admin_state: state, force = false } = body
    if (state === 'online' && !instance.online) {
      const { iqn, file, initiators, auth } = instance
      await this.#tgt.offer({ iqn, file, initiators, chap: auth })
      instance.online = true
      instance.looksUntilReady = this.settings.looksUntilReady
    } else if (state === 'offline' && instance.online) {
      if (force !== true && (await this.#tgt.initiators(instance.iqn)).length > 0)
        throw new Refusal(400, 'InvalidRequestError', 'initiators are logged in; use force')
      await this.#tgt.withdraw(instance.iqn)
      instance.online = false
    } else if (state !== undefined && state !== 'online' && state !== 'offline') {
      throw invalid('admin_state is online or offline')
    }
  }

  async setAcl(instance: Instance, raw: unknown): Promise<void> {
    const body = asRecord(raw)
    onlyMembers(body, ['initiators', 'initiator_groups'])
    const { initiators } = body
    if (!Array.isArray(initiators)) throw invalid('initiators is a list')
    const names = initiators.map((each) => {
      const entry = asRecord(each)
      onlyMembers(entry, ['path'])
      const name = /^\/initiators\/(.+)$/.exec(String(entry['path']))?.[1] ?? ''
      if (!this.initiators.has(`${instance.tenant} ${name}`)) throw notFound(`initiator ${name}`)
      return name
    })
    const before = instance.initiators
    instance.initiators = names
    if (!instance.online) return
    for (const name of names) if (!before.includes(name)) await this.#tgt.admit(instance.iqn, name)
    for (const name of before) if (!names.includes(name)) await this.#tgt.expel(instance.iqn, name)
  }

  async resize(instance: Instance, raw: unknown): Promise<void> {
    const body = asRecord(raw)
    onlyMembers(body, ['size', 'replica_count', 'placement_mode', 'performance_policy', 'snapshot_policies'])
    const { size } = body
    if (size === undefined) return
    if (typeof size !== 'number' || !Number.isInteger(size) || size > 32_768)
      throw invalid('size is a number of GiB up to 32768')
    if (size < instance.sizeGib) throw invalid('a volume cannot become smaller')
    if (this.settings.resizeOffline && instance.online)
      throw new Refusal(400, 'InvalidRequestError', 'the volume is online')
    this.#assertRoom((size - instance.sizeGib) * instance.replicaCount)
    await this.#tgt.resize(instance.iqn, instance.file, size * gib)
    instance.sizeGib = size
  }

  async deleteInstance(instance: Instance): Promise<void> {
    if (instance.online) throw new Refusal(400, 'InvalidRequestError', 'the app_instance is online')
    this.#tgt.removeDisk(instance.file)
    this.instances.delete(instance.id)
  }

  /** Paths of the initiators that are logged in. */
  async activeInitiators({ iqn, online }: Instance): Promise<readonly string[]> {
    if (!online) return []
    return (await this.#tgt.initiators(iqn)).map((name) => `/initiators/${name}`)
  }

  #volumeOf(volumes: unknown): Pick<Instance, 'sizeGib' | 'replicaCount' | 'placement'> {
    if (!Array.isArray(volumes) || volumes.length !== 1) throw invalid('one volume is expected here')
    const volume = asRecord(volumes[0])
    const placement = this.hasPolicies ? 'placement_policy' : 'placement_mode'
    onlyMembers(volume, ['name', 'size', 'replica_count', placement, 'snapshot_policies', 'performance_policy'])
    const { size, replica_count: replicas = 1 } = volume
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > 32_768)
      throw invalid('size is a number of GiB from 1 to 32768')
    if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 1 || replicas > 5)
      throw invalid('replica_count is 1 to 5')
    const value = volume[placement]
    const mode = this.hasPolicies
      ? /^\/placement_policies\/(.+)$/.exec(String(asRecord(value ?? {})['path']))?.[1]
      : value
    if (value !== undefined && !placements.includes(String(mode)))
      throw invalid(`${placement} is none of ${placements.join(', ')}`)
    return { sizeGib: size, replicaCount: replicas, placement: value === undefined ? {} : { [placement]: value } }
  }

  #assertRoom(moreGib: number): void {
    let used = 0
    for (const { sizeGib, replicaCount } of this.instances.values()) used += sizeGib * replicaCount
    if (used + moreGib > this.settings.capacityGib) throw invalid('insufficient capacity for the volume')
  }
}

function authOf(raw: unknown): Instance['auth'] {
  if (raw === undefined) return null
  const auth = asRecord(raw)
  onlyMembers(auth, ['type', 'initiator_user_name', 'initiator_pswd', 'target_user_name', 'target_pswd'])
  if (auth['type'] === 'none') return null
  const { target_user_name: user, target_pswd: secret } = auth
  if (typeof user !== 'string' || typeof secret !== 'string' || !/^.{12,16}$/.test(secret))
    throw invalid('a password of CHAP has 12 to 16 characters')
  return { user, secret }
}
