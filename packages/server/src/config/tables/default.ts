import { bytes, choice, duration, flag, integer, list, map, optionTable, path, text } from '@glance/core'

/** `[DEFAULT]`: how the API behaves. Names and defaults are Glance's. */
export const defaultOptions = optionTable({
  bindHost: text({ glance: 'bind_host', default: '0.0.0.0', help: 'Address to listen on.' }),
  bindPort: integer({
    glance: 'bind_port',
    default: 9292,
    min: 0,
    max: 65_535,
    help: 'Port to listen on. 0 takes any free one.',
  }),
  publicEndpoint: text({
    glance: 'public_endpoint',
    help: 'URL under which users reach the API; base of the links in the versions document.',
  }),
  enabledBackends: map({
    glance: 'enabled_backends',
    default: {},
    help: 'Stores as identifier:driver pairs. Each has a group of its own name with its options.',
  }),
  hashingAlgorithm: text({
    glance: 'hashing_algorithm',
    default: 'sha512',
    help: 'Algorithm of `os_hash_value`, as Python names it.',
  }),
  imageSizeCap: bytes({ glance: 'image_size_cap', default: '1TiB', min: 1, help: 'Largest image that is taken.' }),
  imagePropertyQuota: integer({
    glance: 'image_property_quota',
    default: 128,
    help: 'Most additional properties of an image; negative for no limit.',
  }),
  imageTagQuota: integer({
    glance: 'image_tag_quota',
    default: 128,
    help: 'Most tags of an image; negative for no limit.',
  }),
  imageMemberQuota: integer({
    glance: 'image_member_quota',
    default: 128,
    help: 'Most projects that an image is shared with; negative for no limit.',
  }),
  imageLocationQuota: integer({
    glance: 'image_location_quota',
    default: 10,
    help: 'Most locations of an image; negative for no limit.',
  }),
  userStorageQuota: text({
    glance: 'user_storage_quota',
    default: '0',
    help: 'Most that all images of one project may take in all stores: a whole number, and `B`, `KB`, `MB`, `GB` or `TB` right behind it (bytes without). 0 for no limit. Without effect with `use_keystone_limits`.',
  }),
  useKeystoneLimits: flag({
    glance: 'use_keystone_limits',
    default: false,
    help: 'Hold projects to the limits that Keystone keeps for them; see `[oslo_limit]`. What is not registered there is 0.',
  }),
  propertyProtectionFile: text({
    glance: 'property_protection_file',
    help: 'File that says who may create, read, update and delete which additional properties, from the folder of the first configuration file.',
  }),
  propertyProtectionRuleFormat: choice(['roles', 'policies'], {
    glance: 'property_protection_rule_format',
    default: 'roles',
    help: 'What `property_protection_file` names: roles, or one rule of policy for each operation.',
  }),
  limitParamDefault: integer({
    glance: 'limit_param_default',
    default: 25,
    min: 1,
    help: 'Images on a page when the request names no limit.',
  }),
  apiLimitMax: integer({ glance: 'api_limit_max', default: 1000, min: 1, help: 'Most images on a page.' }),
  metadataSourcePath: path({
    glance: 'metadata_source_path',
    help: 'Folder (or file) of metadata definitions for `glance-server metadefs`. Without it the stock definitions are loaded.',
  }),
  showImageDirectUrl: flag({
    glance: 'show_image_direct_url',
    default: false,
    help: 'Show where the data lie as `direct_url`. Leaks the layout of the store (OSSN-0065).',
  }),
  showMultipleLocations: flag({
    glance: 'show_multiple_locations',
    default: false,
    help: 'Show all locations of an image. Leaks the layout of the store (OSSN-0065).',
  }),
  doSecureHash: flag({
    glance: 'do_secure_hash',
    default: true,
    help: 'Read and hash the data of an image whose location was added by `POST /v2/images/{id}/locations`.',
  }),
  httpRetries: integer({
    glance: 'http_retries',
    default: 3,
    min: 0,
    help: 'How often reading such data is tried again before the image goes without a hash.',
  }),
  maxRequestIdLength: integer({
    glance: 'max_request_id_length',
    default: 64,
    min: 0,
    help: 'Longest request id that a caller may send; 0 for no limit.',
  }),
  allowAnonymousAccess: flag({
    glance: 'allow_anonymous_access',
    default: false,
    help: 'Let callers without a good token look, without any role: what they see is for policy to say.',
  }),
  clientSocketTimeout: duration({
    glance: 'client_socket_timeout',
    default: 900,
    min: 0,
    help: 'Longest silence of a client in the middle of a request; 0 for ever.',
  }),
  debug: flag({ default: false, help: 'Log what happens inside, too.' }),
  logFile: path({ glance: 'log_file', help: 'File for the log instead of standard error.' }),
  logDir: path({ glance: 'log_dir', help: 'Folder of `log_file` when that is a bare name.' }),
})

/** `[database]`. */
export const databaseOptions = optionTable({
  connection: text({
    glanceOld: ['sql_connection'],
    help: 'SQLAlchemy URL of the database. Without it: SQLite in the data folder.',
  }),
})

/** `[image_format]`. */
export const imageFormatOptions = optionTable({
  containerFormats: listOf(
    'container_formats',
    ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'],
    'Container formats that images may have.',
  ),
  diskFormats: listOf(
    'disk_formats',
    ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'],
    'Disk formats that images may have.',
  ),
})

/** `[glance_store]`: stores without `enabled_backends`, and the default of those with. */
export const glanceStoreOptions = optionTable({
  stores: listOf('stores', ['file', 'http'], 'Drivers to load when `enabled_backends` is not set.'),
  defaultStore: text({
    glance: 'default_store',
    default: 'file',
    help: 'Driver or scheme that takes new images when `enabled_backends` is not set.',
  }),
  defaultBackend: text({
    glance: 'default_backend',
    help: 'Identifier of the store that takes new images. Needed with `enabled_backends`.',
  }),
})

/** What every group of a store may hold beside its driver's options. */
export const storeGroupOptions = optionTable({
  storeDescription: text({ glance: 'store_description', help: 'What users read about the store.' }),
  weight: integer({ default: 0, help: 'Of several copies of an image the one in the heaviest store is read first.' }),
})

/** `[paste_deploy]`. */
export const pasteDeployOptions = optionTable({
  configFile: path({
    glance: 'config_file',
    help: 'Paste file whose pipeline says which filters run. Default: `glance-api-paste.ini` beside a `glance-api.conf`, if it is there. See [Operation](operate.md).',
  }),
  flavor: text({
    help: 'Which of the pipelines of Glance to run. One with `keystone` in its name asks for tokens of Keystone; see `[glance_server] auth`.',
  }),
})

/** `[glance_server]`: what only this server has. */
export const serverOptions = optionTable({
  dataDir: path({
    glance: 'data_dir',
    help: "Folder for the database, the images and the tokens when nothing else names a place. Default: `glance-server` in the user's data folder.",
  }),
  auth: choice(['local', 'noauth', 'keystone'], {
    default: 'local',
    help: 'Who may come in: `local` asks for a token of this server, `noauth` makes everybody an administrator, `keystone` asks for a token of Keystone. When it is not set, a `flavor` with `keystone` in its name means `keystone`.',
  }),
  tokensFile: path({
    glance: 'tokens_file',
    help: 'JSON file with more local tokens. Default: `tokens.json` in the data folder, if it exists.',
  }),
  noauthAnywhere: flag({
    glance: 'noauth_anywhere',
    default: false,
    help: 'Let `noauth` listen on other addresses than loopback.',
  }),
  gzip: flag({
    default: false,
    help: 'Compress answers for clients that take gzip, also when no paste file has that filter.',
  }),
  graceTime: duration({
    glance: 'grace_time',
    default: 60,
    min: 0,
    help: 'How long running requests may take to finish after SIGTERM.',
  }),
})

function listOf(glance: string, given: readonly string[], help: string): ReturnType<typeof list> {
  return list({ glance, default: given, help })
}
