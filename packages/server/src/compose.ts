import { randomUUID } from 'node:crypto'
import type { Logger, StoreSet } from '@glance/core'
import {
  type Deps,
  defaultEnforcer,
  type Enforcer,
  type HashJobs,
  type Images,
  type Members,
  RunningUploads,
  type ServiceSettings,
} from '@glance/service'
import type { ConfigValues } from './config/tables/groups.ts'

/** The rules' settings out of a configuration. */
export function serviceSettings(values: ConfigValues, multiStore: boolean): ServiceSettings {
  const { DEFAULT: api, image_format: formats } = values
  return {
    containerFormats: formats.containerFormats,
    diskFormats: formats.diskFormats,
    imageSizeCap: api.imageSizeCap,
    hashingAlgorithm: api.hashingAlgorithm,
    limitParamDefault: api.limitParamDefault,
    apiLimitMax: api.apiLimitMax,
    imagePropertyQuota: api.imagePropertyQuota,
    imageTagQuota: api.imageTagQuota,
    imageMemberQuota: api.imageMemberQuota,
    imageLocationQuota: api.imageLocationQuota,
    showImageDirectUrl: api.showImageDirectUrl,
    showMultipleLocations: api.showMultipleLocations,
    doSecureHash: api.doSecureHash,
    httpRetries: api.httpRetries,
    multiStore,
  }
}

/** Everything that use cases work with, with the real clock and random ids, and Glance's default policy unless another one is given. */
export function compose(parts: {
  images: Images
  members: Members
  stores: StoreSet
  settings: ServiceSettings
  logger: Logger
  hashJobs: HashJobs
  enforcer?: Enforcer
}): Deps {
  return {
    enforcer: defaultEnforcer,
    ...parts,
    clock: { now: () => new Date() },
    ids: { next: () => randomUUID() },
    uploads: new RunningUploads(),
  }
}
