/**
 * The S3 service, through Amazon's SDK: one typed call for each operation that the store needs.
 *
 * The SDK signs, and tries again what a second try can help (`attempts`): lost connections, 5xx and throttling. So nothing above it repeats a request; only the rest of a
 * body that broke off is asked for anew, by whoever reads it. Bodies that are sent lie in memory, so they can be sent again.
 */
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type * as Sdk from '@aws-sdk/client-s3'
import { abortError, orAborted } from '@glance/core'
import type { Keys } from './credentials.ts'
import type { Endpoint } from './endpoint.ts'
import { type Doing, storeErrorOf } from './errors.ts'
import { type ConnectionSettings, Handlers } from './handlers.ts'

/** The operations in use, with what goes in and what comes out. */
interface Operations {
  HeadBucket: [Sdk.HeadBucketCommandInput, Sdk.HeadBucketCommandOutput]
  CreateBucket: [Sdk.CreateBucketCommandInput, Sdk.CreateBucketCommandOutput]
  HeadObject: [Sdk.HeadObjectCommandInput, Sdk.HeadObjectCommandOutput]
  GetObject: [Sdk.GetObjectCommandInput, Sdk.GetObjectCommandOutput]
  PutObject: [Sdk.PutObjectCommandInput, Sdk.PutObjectCommandOutput]
  DeleteObject: [Sdk.DeleteObjectCommandInput, Sdk.DeleteObjectCommandOutput]
  CopyObject: [Sdk.CopyObjectCommandInput, Sdk.CopyObjectCommandOutput]
  CreateMultipartUpload: [Sdk.CreateMultipartUploadCommandInput, Sdk.CreateMultipartUploadCommandOutput]
  UploadPart: [Sdk.UploadPartCommandInput, Sdk.UploadPartCommandOutput]
  UploadPartCopy: [Sdk.UploadPartCopyCommandInput, Sdk.UploadPartCopyCommandOutput]
  CompleteMultipartUpload: [Sdk.CompleteMultipartUploadCommandInput, Sdk.CompleteMultipartUploadCommandOutput]
  AbortMultipartUpload: [Sdk.AbortMultipartUploadCommandInput, Sdk.AbortMultipartUploadCommandOutput]
  ListParts: [Sdk.ListPartsCommandInput, Sdk.ListPartsCommandOutput]
  ListMultipartUploads: [Sdk.ListMultipartUploadsCommandInput, Sdk.ListMultipartUploadsCommandOutput]
}

/** The name of an operation. */
export type Operation = keyof Operations

/** What an operation takes; the bucket is the store's unless another one is named. */
export type InputOf<O extends Operation> = Omit<Operations[O][0], 'Bucket'> & { readonly Bucket?: string }

/** What an operation answers. */
export type OutputOf<O extends Operation> = Operations[O][1]

/** How the service is reached. */
export interface ServiceSettings extends ConnectionSettings {
  readonly endpoint: Endpoint
  readonly bucket: string
  /** Null for the SDK's own chain. */
  readonly credentials: Keys | (() => Promise<Keys>) | null
  readonly attempts: number
  readonly requestChecksums: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED'
  readonly responseChecksums: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED'
}

/** Bytes that are hashed before other work gets its turn. */
const slice = 1024 ** 2

/** Lower-case hex of the SHA-256 of a body, without keeping the process from everything else meanwhile. */
async function sha256Of(body: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < body.byteLength; at += slice) {
    hash.update(body.subarray(at, at + slice))
    if (at + slice < body.byteLength) await nextTurn()
  }
  return hash.digest('hex')
}

export class Service {
  readonly bucket: string
  readonly #sdk: typeof Sdk
  readonly #client: Sdk.S3Client

  private constructor(sdk: typeof Sdk, client: Sdk.S3Client, bucket: string) {
    this.#sdk = sdk
    this.#client = client
    this.bucket = bucket
  }

  /** Loads the SDK, which takes a while, and sets it up. Nothing is asked of the service. */
  static async open(settings: ServiceSettings): Promise<Service> {
    const [sdk, { NodeHttpHandler }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@smithy/node-http-handler'),
    ])
    const { endpoint, credentials } = settings
    const client = new sdk.S3Client({
      endpoint: endpoint.url,
      region: endpoint.region,
      forcePathStyle: endpoint.pathStyle,
      maxAttempts: settings.attempts,
      retryMode: 'standard',
      requestChecksumCalculation: settings.requestChecksums,
      responseChecksumValidation: settings.responseChecksums,
      // Only some services answer it, and a wait for one that does not costs seconds a part.
      expectContinueHeader: false,
      requestHandler: new Handlers(NodeHttpHandler, settings) as never,
      ...(credentials !== null && { credentials }),
    })
    // The SDK would hash a whole part at one go. The service compares: what was damaged on the way is refused.
    client.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as { readonly body?: unknown; readonly headers: Record<string, string> }
        if (request.body instanceof Uint8Array) request.headers['x-amz-content-sha256'] = await sha256Of(request.body)
        return next(args)
      },
      { step: 'build', name: 'glanceSha256', priority: 'low' },
    )
    return new Service(sdk, client, settings.bucket)
  }

  /**
   * Calls an operation.
   *
   * @param what - the subject of an error's message, e.g. `the image`
   * @throws StoreError as `errors.ts` classifies the answer; ABORTED | TIMEOUT when the signal fired
   */
  async call<O extends Operation>(
    operation: O,
    input: InputOf<O>,
    {
      signal,
      doing,
      what = 'the image',
    }: { readonly signal: AbortSignal; readonly doing: Doing; readonly what?: string },
  ): Promise<OutputOf<O>> {
    if (signal.aborted) throw abortError(signal, operation)
    const Command = this.#sdk[`${operation}Command`] as new (input: unknown) => Sdk.HeadObjectCommand
    const sending = this.#client.send(new Command({ Bucket: this.bucket, ...input }), { abortSignal: signal })
    try {
      // The SDK does not hear a signal while it waits for its next try.
      return (await orAborted(sending, signal, operation)) as OutputOf<O>
    } catch (error) {
      if (signal.aborted) throw abortError(signal, operation)
      throw storeErrorOf(error, doing, what)
    }
  }

  /** A URL from which an object can be read for a while. @throws StoreError */
  async presign(key: string, expiresIn: number): Promise<string> {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
    const command = new this.#sdk.GetObjectCommand({ Bucket: this.bucket, Key: key })
    try {
      return await getSignedUrl(this.#client, command, { expiresIn })
    } catch (error) {
      throw storeErrorOf(error, 'read', 'the image')
    }
  }

  /** Ends every connection. */
  close(): void {
    this.#client.destroy()
  }
}
