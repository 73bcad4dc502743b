/** Makers of what use cases take: a service with records and stores in memory, callers, and images. */
import { noopLogger } from '@glance/core'
import {
  type Deps,
  defaultEnforcer,
  type Image,
  type RequestContext,
  RunningBytes,
  RunningUploads,
  type ServiceSettings,
} from '../../src/index.ts'
import { NotedJobs } from './memory-ports/hash-jobs.ts'
import { MemoryImages } from './memory-ports/images.ts'
import { MemoryMembers } from './memory-ports/members.ts'
import { MemoryMetadefs } from './memory-ports/metadefs.ts'
import { MemoryUsage } from './memory-ports/usage.ts'
import { type ScriptedStore, scriptedStore, storeSetOf } from './scripted-store.ts'

export const settings: ServiceSettings = {
  containerFormats: ['ami', 'bare', 'ovf'],
  diskFormats: ['raw', 'qcow2', 'iso'],
  imageSizeCap: 1000,
  hashingAlgorithm: 'sha512',
  limitParamDefault: 25,
  apiLimitMax: 100,
  imagePropertyQuota: 5,
  imageTagQuota: 5,
  imageMemberQuota: 2,
  imageLocationQuota: 3,
  userStorageQuota: 0,
  showImageDirectUrl: false,
  showMultipleLocations: false,
  doSecureHash: true,
  httpRetries: 1,
  multiStore: false,
}

/** A service in memory with hold of everything in it. */
export interface World extends Deps {
  readonly images: MemoryImages
  readonly members: MemoryMembers
  readonly metadefs: MemoryMetadefs
  readonly hashJobs: NotedJobs
  /** Its stores in order; the first one is the default. */
  readonly scripted: readonly [ScriptedStore, ...ScriptedStore[]]
}

export async function aWorld(
  changed: Partial<ServiceSettings> = {},
  stores?: readonly [ScriptedStore, ...ScriptedStore[]],
): Promise<World> {
  const scripted = stores ?? [await scriptedStore('main')]
  let made = 0
  let minutes = 0
  const images = new MemoryImages()
  return {
    images,
    members: new MemoryMembers(images),
    metadefs: new MemoryMetadefs(),
    scripted,
    stores: storeSetOf(...scripted),
    enforcer: defaultEnforcer,
    clock: { now: () => new Date(Date.UTC(2030, 0, 1, 0, minutes++)) },
    ids: { next: () => anId(++made) },
    uploads: new RunningUploads(),
    hashJobs: new NotedJobs(),
    usage: new MemoryUsage(images),
    runningBytes: new RunningBytes(),
    limits: null,
    protections: null,
    settings: { ...settings, ...changed },
    logger: noopLogger,
  }
}

/** The n-th of a row of UUIDs. */
export function anId(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** A member of project `ours`, unless told otherwise. */
export function aCaller(changed: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: 'req-1',
    project: 'ours',
    user: 'user',
    token: 'token-of-the-caller',
    roles: ['member', 'reader'],
    admin: false,
    readOnly: false,
    signal: new AbortController().signal,
    ...changed,
  }
}

export const admin: RequestContext = aCaller({ project: 'ops', roles: ['admin', 'member', 'reader'], admin: true })
export const stranger: RequestContext = aCaller({ project: 'theirs' })

/** A queued image of project `ours` with its formats set, unless told otherwise. */
export function anImage(changed: Partial<Image> = {}): Image {
  return {
    id: anId(1000),
    name: 'image',
    status: 'queued',
    visibility: 'shared',
    protected: false,
    hidden: false,
    owner: 'ours',
    size: null,
    virtualSize: null,
    checksum: null,
    hashAlgorithm: null,
    hashValue: null,
    diskFormat: 'raw',
    containerFormat: 'bare',
    minDisk: 0,
    minRam: 0,
    createdAt: new Date('2029-01-01T00:00:00Z'),
    updatedAt: new Date('2029-01-01T00:00:00Z'),
    tags: [],
    properties: new Map(),
    locations: [],
    ...changed,
  }
}

/** Puts an active image with data into the records and into the given stores of the world (else into its first one). */
export function putActive(
  world: World,
  data: string,
  changed: Partial<Image> = {},
  stores: readonly ScriptedStore[] = [world.scripted[0]],
): Image {
  const bytes = new TextEncoder().encode(data)
  const id = changed.id ?? anId(1000)
  const locations = stores.map(({ store, backend }) => {
    const url = `scripted://${store.id}/${id}`
    backend.objects.set(url, bytes)
    return { url, metadata: { store: store.id }, status: 'active' as const }
  })
  const image = anImage({ id, status: 'active', size: bytes.byteLength, locations, ...changed })
  world.images.put(image)
  return image
}

/** Image data in pieces. */
export async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array, void, void> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

/** Everything that a body gives, as text. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text
}
