import {
  bytes,
  choice,
  duration,
  flag,
  integer,
  list,
  type OptionInput,
  type OptionValues,
  optionTable,
  path,
  secret,
  text,
} from '@glance/core'

const checksums = ['when_required', 'when_supported'] as const

/**
 * The options of the s3 store.
 *
 * Those down to `responseChecksums` are Glance's (`glance_store/_drivers/s3.py`), where both keys are required. The others are ours.
 */
export const s3Options = optionTable({
  host: text({
    glance: 's3_store_host',
    required: true,
    help: 'Address of the S3 service, such as `https://s3.eu-west-1.amazonaws.com` or `https://rgw.example.org:7480`. Without a scheme it is plain http.',
  }),
  region: text({
    glance: 's3_store_region_name',
    default: '',
    help: 'Region that requests are signed for. When empty it is taken from an address of Amazon, and is `us-east-1` elsewhere.',
  }),
  accessKey: secret({
    glance: 's3_store_access_key',
    help: "Access key. Without it, and without `s3_store_credentials_file`, credentials come from Amazon's usual places: environment, shared files, roles of containers and instances.",
  }),
  secretKey: secret({ glance: 's3_store_secret_key', help: 'Secret key that belongs to the access key.' }),
  bucket: text({ glance: 's3_store_bucket', required: true, help: 'Bucket that holds the image data.' }),
  createBucket: flag({
    glance: 's3_store_create_bucket_on_put',
    default: false,
    help: 'Create the bucket when the first image is stored and it is not there.',
  }),
  bucketUrlFormat: choice(['auto', 'virtual', 'path'], {
    glance: 's3_store_bucket_url_format',
    default: 'auto',
    help: "Where the bucket stands: `virtual` in the host name, `path` in the path. `auto` is `virtual` for Amazon's addresses and `path` for all others.",
  }),
  largeObjectSize: bytes({
    glance: 's3_store_large_object_size',
    default: '100MiB',
    min: 0,
    unit: 'MiB',
    help: 'Size from which an image is sent as a multipart upload. Smaller images are gathered in memory and sent in one request, unless that takes more memory than parts would. A bare number is in MiB.',
  }),
  partSize: bytes({
    glance: 's3_store_large_object_chunk_size',
    default: '10MiB',
    min: 5 * 1024 ** 2,
    max: 5 * 1024 ** 3,
    unit: 'MiB',
    help: 'Size of the parts of a multipart upload. Images that would need more than 10,000 parts get larger ones. A bare number is in MiB.',
  }),
  parallelParts: integer({
    glance: 's3_store_thread_pools',
    default: 10,
    min: 1,
    max: 1000,
    help: 'Parts of one upload that are sent at the same time.',
  }),
  caCertificatesFile: text({
    glance: 's3_store_cacert',
    default: '',
    help: 'PEM file with the certificate authorities that an https service is checked against, instead of the ones built into Node.',
  }),
  dataIntegrity: flag({
    glance: 's3_store_enable_data_integrity_protection',
    default: false,
    help: 'Make the next two options count. While it is off both are `when_required`.',
  }),
  requestChecksums: choice(checksums, {
    glance: 's3_store_request_checksum_calculation',
    default: 'when_required',
    help: 'Whether uploads carry a CRC32 beside the signed SHA-256 that they always have. Older services refuse it.',
  }),
  responseChecksums: choice(checksums, {
    glance: 's3_store_response_checksum_validation',
    default: 'when_required',
    help: 'Whether downloads are checked against a checksum that the service kept. They are then read in one stream.',
  }),
  formerHosts: list({
    glance: 's3_store_former_hosts',
    default: [],
    help: 'Other addresses of the same service that stand in locations written earlier.',
  }),
  credentialsFile: path({
    glance: 's3_store_credentials_file',
    help: "File with credentials in the form of Amazon's `~/.aws/credentials`. It is read again when it changes, so keys can be exchanged without a restart.",
  }),
  credentialsProfile: text({
    glance: 's3_store_credentials_profile',
    default: 'default',
    help: 'Section of `s3_store_credentials_file`. It may assume a role.',
  }),
  readParallel: integer({
    glance: 's3_store_read_threads',
    default: 4,
    min: 1,
    max: 64,
    help: 'Ranges of one image that are read at the same time. With 1 an image is read in one stream.',
  }),
  readRange: bytes({
    glance: 's3_store_read_range_size',
    default: '8MiB',
    min: 1024 ** 2,
    max: 1024 ** 3,
    help: 'Size of such a range. Smaller images are read in one stream.',
  }),
  attempts: integer({
    glance: 's3_store_max_attempts',
    default: 4,
    min: 1,
    max: 20,
    help: 'How often a request, and the rest of a body that broke off, is tried before the call fails.',
  }),
  connectTimeout: duration({
    glance: 's3_store_connect_timeout',
    default: '10s',
    min: 0.05,
    max: 3600,
    help: 'Longest time to connect.',
  }),
  idleTimeout: duration({
    glance: 's3_store_idle_timeout',
    default: '60s',
    min: 0.05,
    max: 3600,
    help: 'Longest time in which nothing moves on a connection that a call waits for. Joining parts and copying, which services do in silence, may take twenty times as long.',
  }),
})

/** The typed options of an open s3 store; sizes are in bytes, times in seconds. */
export type S3Options = OptionValues<typeof s3Options>

/** The options as a caller gives them in code. */
export type S3OptionInput = OptionInput<typeof s3Options>
