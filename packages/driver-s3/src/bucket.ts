import { isStoreError, StoreError } from '@glance/core'
import { credentialsFileError } from './credentials.ts'
import type { Endpoint } from './endpoint.ts'
import { nativeNameOf } from './errors.ts'
import type { Service } from './service.ts'

/** Which bucket, and whether it may be made. */
export interface BucketSettings {
  readonly create: boolean
  readonly endpoint: Endpoint
  /** The region that the operator named, '' for none. */
  readonly region: string
}

/** The bucket of a store: there when the store opens, or made before the first image. */
export class Bucket {
  readonly #service: Service
  readonly #settings: BucketSettings
  #present = false
  #making: Promise<void> | null = null

  constructor(service: Service, settings: BucketSettings) {
    this.#service = service
    this.#settings = settings
  }

  /**
   * Looks for the bucket when the store opens.
   *
   * @throws StoreError BAD_CONFIGURATION when it is not there and may not be made, or when the credentials are refused; UNAVAILABLE | TIMEOUT | ABORTED
   */
  async find(signal: AbortSignal): Promise<void> {
    try {
      await this.#service.call('HeadBucket', {}, { signal, doing: 'read', what: 'the bucket' })
      this.#present = true
    } catch (error) {
      if (!isStoreError(error)) throw error
      if (error.code === 'NOT_FOUND' && this.#settings.create) return
      const message = refusals[nativeNameOf(error) ?? ''] ?? refusals[error.code]
      if (message === undefined) throw error
      throw new StoreError('BAD_CONFIGURATION', message, { cause: error.cause })
    }
  }

  /** Whether the bucket was not there yet and will be made before the first image. @throws StoreError as `find` */
  async isToCome(signal: AbortSignal): Promise<boolean> {
    if (!this.#present) await this.find(signal)
    return !this.#present
  }

  /** Makes the bucket unless it is known to be there. @throws StoreError */
  async ensure(signal: AbortSignal): Promise<void> {
    if (this.#present) return
    this.#making ??= this.#make(signal).finally(() => {
      this.#making = null
    })
    await this.#making
  }

  async #make(signal: AbortSignal): Promise<void> {
    const { endpoint, region } = this.#settings
    // Amazon's oldest region is the one that must not be named; other services take none if the operator named none.
    const constraint = endpoint.region === 'us-east-1' ? '' : region || endpoint.region
    const where = constraint && { CreateBucketConfiguration: { LocationConstraint: constraint as never } }
    try {
      await this.#service.call('CreateBucket', { ...(where || {}) }, { signal, doing: 'write', what: 'the bucket' })
    } catch (error) {
      // Another process was quicker.
      if (nativeNameOf(error) !== 'BucketAlreadyOwnedByYou') throw error
    }
    this.#present = true
  }
}

/** What a refusal of the bucket means at the start. */
const refusals: Readonly<Record<string, string>> = {
  NOT_FOUND: 's3_store_bucket: there is no such bucket, and s3_store_create_bucket_on_put is off',
  FORBIDDEN: 'the service refuses the credentials, or they may not list the bucket (s3_store_bucket)',
  [credentialsFileError]:
    's3_store_credentials_file: cannot be read, or has no such profile (s3_store_credentials_profile)',
  BAD_CONFIGURATION: 's3_store_region_name: the service has the bucket in another region',
}
