import type { Logger, StoreSet } from '@glance/core'
import type { ServiceSettings } from './domain/settings.ts'
import type { Clock } from './ports/clock.ts'
import type { Enforcer } from './ports/enforcer.ts'
import type { HashJobs } from './ports/hash-jobs.ts'
import type { Ids } from './ports/ids.ts'
import type { Images } from './ports/images.ts'
import type { Members } from './ports/members.ts'
import type { RunningUploads } from './usecases/data/running-uploads.ts'

/** Everything that a use case may touch. Made once, when the server starts. */
export interface Deps {
  readonly images: Images
  readonly members: Members
  readonly stores: StoreSet
  readonly enforcer: Enforcer
  readonly clock: Clock
  readonly ids: Ids
  readonly uploads: RunningUploads
  readonly hashJobs: HashJobs
  readonly settings: ServiceSettings
  readonly logger: Logger
}
