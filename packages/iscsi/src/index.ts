/** An iSCSI initiator in user space: log in to a target, read and write a logical unit. */
export { type DiscoveredTarget, discoverTargets } from './discovery.ts'
export { IscsiError, type IscsiErrorCode, iscsiErrorCodes, isIscsiError, type Sense } from './errors.ts'
export type { CallOptions, ChapCredentials, DigestPolicy, PortalOptions, SessionOptions } from './options.ts'
export type { BlockLimits, Capacity, Designator, Inquiry } from './scsi.ts'
export { IscsiSession } from './session.ts'
