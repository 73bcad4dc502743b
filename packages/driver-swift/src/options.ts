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

/** What a bare number counts in where Swift's own driver says MB: 1000 KiB. */
const swiftMegabyte = 1000 * 1024

/**
 * The options of the swift store.
 *
 * All of Glance's are here (`glance_store/_drivers/swift/store.py`, `utils.py`, `buffered.py`), and after them ours.
 */
export const swiftOptions = optionTable({
  configFile: path({
    glance: 'swift_store_config_file',
    help: 'File with one section for each account: `auth_address`, `user` and `key`, or an application credential. Relative to where the server was started. Not together with `swift_store_multi_tenant`.',
  }),
  defaultReference: text({
    glance: 'default_swift_reference',
    default: 'ref1',
    help: 'Section of the file for new images, and the name of the account in their locations. Without a file it names the account that the options below give.',
  }),
  authVersion: choice(['1', '2', '3'], {
    glance: 'swift_store_auth_version',
    default: '3',
    help: "How to log in: 3 for Keystone, 2 for an Identity API v2.0, 1 for Swift's own (tempauth, swauth, radosgw). A section of the file may say otherwise by `auth_version`.",
  }),
  authAddress: text({
    glance: 'swift_store_auth_address',
    help: 'Where to log in. Without a scheme https is meant.',
  }),
  user: secret({
    glance: 'swift_store_user',
    help: 'Who logs in: `project:user`, or `account:user` for version 1.',
  }),
  key: secret({ glance: 'swift_store_key', help: 'The password, or the key of version 1.' }),
  applicationCredentialId: secret({
    glance: 'swift_store_application_credential_id',
    help: 'Application credential to log in with, in place of user and key.',
  }),
  applicationCredentialSecret: secret({
    glance: 'swift_store_application_credential_secret',
    help: 'The secret of the application credential.',
  }),
  projectName: text({
    glance: 'swift_store_project_name',
    help: 'Name of the project of the application credential. Only to recognise old locations.',
  }),
  projectId: text({
    glance: 'swift_store_project_id',
    help: 'Id of the project of the application credential. Only to recognise old locations.',
  }),
  authInsecure: flag({
    glance: 'swift_store_auth_insecure',
    default: false,
    help: 'Accept any certificate of Keystone and Swift. Without effect when `swift_store_cacert` is set.',
  }),
  caFile: path({
    glance: 'swift_store_cacert',
    help: 'PEM file with the certificate authorities that Keystone and Swift are checked against, instead of the ones built into Node.',
  }),
  region: text({ glance: 'swift_store_region', help: 'Region of the endpoint in the catalog. Any when not set.' }),
  endpoint: text({
    glance: 'swift_store_endpoint',
    help: 'Storage URL without a container, in place of the one that the log-in gives. With `swift_store_multi_tenant`, `%(project_id)s` in it stands for the project.',
  }),
  endpointType: choice(['publicURL', 'adminURL', 'internalURL'], {
    glance: 'swift_store_endpoint_type',
    default: 'publicURL',
    help: 'Interface of the endpoint in the catalog.',
  }),
  serviceType: text({
    glance: 'swift_store_service_type',
    default: 'object-store',
    help: 'Type of the service in the catalog.',
  }),
  container: text({
    glance: 'swift_store_container',
    default: 'glance',
    told: 'container',
    help: 'Container of the images, or the beginning of the names of their containers.',
  }),
  createContainerOnPut: flag({
    glance: 'swift_store_create_container_on_put',
    default: false,
    help: 'Make a container that is not there.',
  }),
  largeObjectSize: bytes({
    glance: 'swift_store_large_object_size',
    default: '5120',
    unit: swiftMegabyte,
    min: 1,
    told: 'large_object_size',
    help: 'Images from this size on, and those of unknown size, are stored in segments. A bare number counts in 1000 KiB, as in Glance.',
  }),
  largeObjectChunkSize: bytes({
    glance: 'swift_store_large_object_chunk_size',
    default: '200',
    unit: swiftMegabyte,
    min: 1,
    told: 'large_object_chunk_size',
    help: 'Largest segment. Smaller ones are used so that several fit into `swift_store_upload_memory`; larger ones only when an image would need more segments than Swift takes. A bare number counts in 1000 KiB.',
  }),
  multiTenant: flag({
    glance: 'swift_store_multi_tenant',
    default: false,
    help: "Store images in the account of the user's project, each in a container of its own whose access lists follow the members of the image.",
  }),
  multipleContainersSeed: integer({
    glance: 'swift_store_multiple_containers_seed',
    default: 0,
    min: 0,
    max: 32,
    help: 'How many characters of the image id are added to the name of the container, to spread images over several containers.',
  }),
  adminTenants: list({
    glance: 'swift_store_admin_tenants',
    default: [],
    help: 'Projects that may write to the containers of all images (multi-tenant).',
  }),
  sslCompression: flag({
    glance: 'swift_store_ssl_compression',
    default: true,
    help: 'Read and without effect: TLS compression is gone.',
  }),
  retryGetCount: integer({
    glance: 'swift_store_retry_get_count',
    default: 3,
    min: 0,
    help: 'How often a download that broke off is resumed where it stopped. Glance has 0 unless told otherwise.',
  }),
  expireSoonInterval: duration({
    glance: 'swift_store_expire_soon_interval',
    default: '60s',
    min: 0,
    help: 'Time before its expiry from which a token is renewed.',
  }),
  useTrusts: flag({
    glance: 'swift_store_use_trusts',
    default: true,
    help: "Let Keystone make a trust for an upload in segments, so that it goes on when the user's token has expired (multi-tenant; needs the credentials of a service user).",
  }),
  bufferOnUpload: flag({
    glance: 'swift_buffer_on_upload',
    default: false,
    help: 'Read and without effect: segments are always held in memory until Swift has them, so that they can be sent again.',
  }),
  uploadBufferDir: path({
    glance: 'swift_upload_buffer_dir',
    help: 'Read and without effect: nothing is put on disk.',
  }),
  manifest: choice(['slo', 'dlo'], {
    glance: 'swift_store_large_object_manifest',
    default: 'slo',
    help: 'How segments become one object: `slo` (static, the segments are checked and listed) or `dlo` (dynamic, as Glance writes them). Both are read, whatever is set here. `dlo` is used where Swift has no `slo`.',
  }),
  uploadSegments: integer({
    glance: 'swift_store_upload_segments',
    default: 4,
    min: 1,
    max: 64,
    help: 'How many segments of one image are sent at the same time.',
  }),
  uploadMemory: bytes({
    glance: 'swift_store_upload_memory',
    default: '160MiB',
    min: 2,
    help: 'Memory of one upload: the segments under way and the one that fills.',
  }),
  downloadRanges: integer({
    glance: 'swift_store_download_ranges',
    default: 1,
    min: 1,
    max: 16,
    help: 'How many ranges of one image are read at the same time. More than one helps where one connection is slower than the reader; it takes 8 MiB of memory for each and one more.',
  }),
  otherContainers: list({
    glance: 'swift_store_other_containers',
    default: [],
    help: 'Further containers that locations may name, besides those of `swift_store_container`. `*` allows all of the account.',
  }),
  tempUrlKey: secret({
    glance: 'swift_store_temp_url_key',
    help: 'The `Temp-URL-Key` of the account. With it the store gives direct URLs.',
  }),
  retries: integer({
    glance: 'swift_store_retries',
    default: 3,
    min: 0,
    max: 20,
    help: 'Further tries of a request after a broken connection, a time-out or an answer that says that Swift cannot work now.',
  }),
  connectTimeout: duration({
    glance: 'swift_store_connect_timeout',
    default: '10s',
    min: 0.001,
    max: 3600,
    help: 'Longest time to look up a name, connect and agree on TLS.',
  }),
  headersTimeout: duration({
    glance: 'swift_store_headers_timeout',
    default: '60s',
    min: 0.001,
    max: 3600,
    help: 'Longest time from the end of a request to the headers of its answer.',
  }),
  idleTimeout: duration({
    glance: 'swift_store_idle_timeout',
    default: '60s',
    min: 0.001,
    max: 3600,
    help: 'Longest time in which Swift neither takes nor sends a byte of a body.',
  }),
})

/** The typed options of an open swift store; times are in seconds, sizes in bytes. */
export type SwiftOptions = OptionValues<typeof swiftOptions>

/** The options as a caller gives them in code. */
export type SwiftOptionInput = OptionInput<typeof swiftOptions>
