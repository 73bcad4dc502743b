import type { Logger, StoreSet } from '@glance/core'
import type { PropertyProtections } from './domain/property-protection.ts'
import type { ServiceSettings } from './domain/settings.ts'
import type { RunningBytes } from './limits/running-bytes.ts'
import type { Clock } from './ports/clock.ts'
import type { Enforcer } from './ports/enforcer.ts'
import type { HashJobs } from './ports/hash-jobs.ts'
import type { Ids } from './ports/ids.ts'
import type { Images } from './ports/images.ts'
import type { Limits } from './ports/limits.ts'
import type { Members } from './ports/members.ts'
import type { Metadefs } from './ports/metadefs.ts'
import type { Usage } from './ports/usage.ts'
import type { RunningUploads } from './usecases/data/running-uploads.ts'

/** Everything that a use case may touch. Made once, when the server starts. */
export interface Deps {
  readonly images: Images
  readonly members: Members
  readonly metadefs: Metadefs
  readonly stores: StoreSet
  readonly enforcer: Enforcer
  readonly clock: Clock
  readonly ids: Ids
  readonly uploads: RunningUploads
  readonly hashJobs: HashJobs
  /** Who may do what with additional properties; null when everybody may do everything. */
  readonly protections: PropertyProtections | null
  readonly usage: Usage
  readonly runningBytes: RunningBytes
  /** The limits that Keystone keeps; null when it has no say in them (`use_keystone_limits`). */
  readonly limits: Limits | null
  readonly settings: ServiceSettings
  readonly logger: Logger
}
