import { randomUUID } from 'node:crypto'
import type { Logger, StoreSet } from '@glance/core'
import type { Database } from '@glance/database'
import {
  type Deps,
  defaultEnforcer,
  type Enforcer,
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
    showImageDirectUrl: api.showImageDirectUrl,
    showMultipleLocations: api.showMultipleLocations,
    multiStore,
  }
}

/** The ports that a database serves. */
export function portsOf({ images, members }: Database): Pick<Deps, 'images' | 'members'> {
  return { images, members }
}

/** Everything that use cases work with, with the real clock and random ids, and Glance's default policy unless another one is given. */
export function compose(parts: {
  images: Images
  members: Members
  stores: StoreSet
  settings: ServiceSettings
  logger: Logger
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
