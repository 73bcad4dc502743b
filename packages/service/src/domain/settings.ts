/** Settings that rules depend on, under the names of Glance's options in camelCase. Counts below zero mean no limit. */
export interface ServiceSettings {
  readonly containerFormats: readonly string[]
  readonly diskFormats: readonly string[]
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
  readonly showImageDirectUrl: boolean
  readonly showMultipleLocations: boolean
  /** Whether data that lie at a location added by the newer way are hashed. */
  readonly doSecureHash: boolean
  /** How often reading such data is tried again. */
  readonly httpRetries: number
  /** Whether several stores are configured by `enabled_backends`: then locations carry `store` and the store header counts. */
  readonly multiStore: boolean
}
