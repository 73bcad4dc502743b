import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'

/** How a real service is reached. */
export interface ServiceAccess {
  readonly url: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
}

/** Buckets of a real service, made, listed and removed without the driver. */
export class TestBuckets {
  readonly #client: S3Client

  constructor({ url, region, accessKey, secretKey }: ServiceAccess) {
    this.#client = new S3Client({
      endpoint: url,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    })
  }

  /** Makes an empty bucket. @returns its name */
  async make(): Promise<string> {
    const Bucket = `test-${randomUUID().slice(0, 13)}`
    await this.#client.send(new CreateBucketCommand({ Bucket }))
    return Bucket
  }

  /** Keys of a bucket, and its unfinished uploads. */
  async names(Bucket: string): Promise<readonly string[]> {
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket }))
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket }))
    return [...Contents.map(({ Key }) => String(Key)), ...Uploads.map(({ Key }) => `unfinished ${Key}`)]
  }

  /** Removes a bucket and everything in it. */
  async remove(Bucket: string): Promise<void> {
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket }))
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket }))
    for (const { Key } of Contents) await this.#client.send(new DeleteObjectCommand({ Bucket, Key }))
    for (const { Key, UploadId } of Uploads)
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    await this.#client.send(new DeleteBucketCommand({ Bucket }))
  }

  close(): void {
    this.#client.destroy()
  }
}
