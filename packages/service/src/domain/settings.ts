import type { SiteSchema } from './site-schema.ts'

/** Settings that rules depend on, under the names of Glance's options in camelCase. Counts below zero mean no limit. */
export interface ServiceSettings {
  readonly containerFormats: readonly string[]
  readonly diskFormats: readonly string[]
  /** What the operator says of additional properties; absent or null when nothing. */
  readonly siteSchema?: SiteSchema | null
  /** Bytes. */
  readonly imageSizeCap: number
  readonly hashingAlgorithm: string
  readonly limitParamDefault: number
  readonly apiLimitMax: number
  readonly imagePropertyQuota: number
  readonly imageTagQuota: number
  readonly imageMemberQuota: number
  /** Most locations of an image. */
  readonly imageLocationQuota: number
  /** Bytes that all images of one project may take in all stores; 0 for no limit. */
  readonly userStorageQuota: number
  readonly showImageDirectUrl: boolean
  readonly showMultipleLocations: boolean
  /** Whether data that lie at a location added by the newer way are hashed. */
  readonly doSecureHash: boolean
  /** How often reading such data is tried again. */
  readonly httpRetries: number
  /** Whether several stores are configured by `enabled_backends`: then locations carry `store` and the store header counts. */
  readonly multiStore: boolean
}
