import { randomUUID } from 'node:crypto'
import type { Logger, StoreSet } from '@glance/core'
import type { Database } from '@glance/database'
import {
  type Deps,
  defaultEnforcer,
  type Enforcer,
  type HashJobs,
  type Images,
  type Limits,
  type Members,
  type Metadefs,
  type PropertyProtections,
  RunningBytes,
  RunningUploads,
  type ServiceSettings,
  type SiteSchema,
  type Usage,
} from '@glance/service'
import { parseStorageQuota } from './config/storage-quota.ts'
import type { ConfigValues } from './config/tables/groups.ts'

/** The rules' settings out of a configuration. */
export function serviceSettings(
  values: ConfigValues,
  multiStore: boolean,
  siteSchema: SiteSchema | null = null,
): ServiceSettings {
  const { DEFAULT: api, image_format: formats } = values
  return {
    containerFormats: formats.containerFormats,
    diskFormats: formats.diskFormats,
    siteSchema,
    imageSizeCap: api.imageSizeCap,
    hashingAlgorithm: api.hashingAlgorithm,
    limitParamDefault: api.limitParamDefault,
    apiLimitMax: api.apiLimitMax,
    imagePropertyQuota: api.imagePropertyQuota,
    imageTagQuota: api.imageTagQuota,
    imageMemberQuota: api.imageMemberQuota,
    imageLocationQuota: api.imageLocationQuota,
    userStorageQuota: parseStorageQuota(api.userStorageQuota) ?? 0,
    showImageDirectUrl: api.showImageDirectUrl,
    showMultipleLocations: api.showMultipleLocations,
    doSecureHash: api.doSecureHash,
    httpRetries: api.httpRetries,
    multiStore,
  }
}

/** The ports that a database serves. */
export function portsOf({
  images,
  members,
  usage,
  metadefs,
}: Database): Pick<Deps, 'images' | 'members' | 'usage' | 'metadefs'> {
  return { images, members, usage, metadefs }
}

/** Everything that use cases work with, with the real clock and random ids, and Glance's default policy unless another one is given. */
export function compose(parts: {
  images: Images
  members: Members
  usage: Usage
  metadefs: Metadefs
  stores: StoreSet
  settings: ServiceSettings
  logger: Logger
  hashJobs: HashJobs
  enforcer?: Enforcer
  limits?: Limits | null
  protections?: PropertyProtections | null
}): Deps {
  return {
    enforcer: defaultEnforcer,
    limits: null,
    protections: null,
    ...parts,
    clock: { now: () => new Date() },
    ids: { next: () => randomUUID() },
    uploads: new RunningUploads(),
    runningBytes: new RunningBytes(),
  }
}
