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

const gib = 1024 ** 3

/**
 * The options of a Datera store.
 *
 * Those of Datera's own driver for Glance have its names and defaults; `datera_use_ssl` and what follows it are ours. That driver took 1 GiB of memory for each image under way
 * (`datera_chunk_size`); here the option is only the step in which volumes grow.
 */
export const dateraOptions = optionTable({
  sanIp: text({
    glance: 'datera_san_ip',
    required: true,
    help: 'Management address of the Datera system, without a port.',
  }),
  sanLogin: text({ glance: 'datera_san_login', required: true, help: 'User of the management API.' }),
  sanPassword: secret({ glance: 'datera_san_password', required: true, help: 'Password of that user.' }),
  sanPort: integer({
    glance: 'datera_san_port',
    default: 7718,
    min: 1,
    max: 65_535,
    help: 'Port of the management API: 7718 for HTTPS, 7717 for HTTP.',
  }),
  tenantId: text({
    glance: 'datera_tenant_id',
    default: '/root',
    told: 'tenant_id',
    help: 'Tenant that holds the images: `/root`, `/root/images`, or `images` for the latter. Made if it is missing.',
  }),
  replicaCount: integer({
    glance: 'datera_replica_count',
    default: 3,
    min: 1,
    max: 5,
    told: 'replica_count',
    help: 'Copies that the system keeps of each image.',
  }),
  placementMode: choice(['hybrid', 'single_flash', 'all_flash'], {
    glance: 'datera_placement_mode',
    default: 'hybrid',
    told: 'placement_mode',
    help: 'Media on which the copies lie.',
  }),
  chunkSize: bytes({
    glance: 'datera_chunk_size',
    default: gib,
    min: 1,
    told: 'chunk_size',
    help: 'Least step by which the volume of an image of unknown size grows, rounded up to whole GiB. No memory is taken for it.',
  }),
  defaultImageSize: integer({
    glance: 'datera_default_image_size',
    default: 1,
    min: 1,
    max: 32_768,
    help: 'First size in GiB of the volume of an image of unknown size.',
  }),
  retryAttempts: integer({
    glance: 'datera_retry_attempts',
    default: 30,
    min: 1,
    help: 'How often it is looked whether a volume is ready.',
  }),
  retryInterval: duration({
    glance: 'datera_retry_interval',
    default: '2s',
    min: 0.001,
    max: 3600,
    help: 'Time between two such looks. The first ones come sooner.',
  }),
  operationMaxTimeout: duration({
    glance: 'datera_operation_max_timeout',
    default: '600s',
    min: 0.01,
    max: 86_400,
    help: 'Longest time for one operation of the management API with all its repetitions.',
  }),
  rootwrapPath: text({
    glance: 'datera_glance_rootwrap_path',
    help: 'No effect; nothing here needs root.',
    deprecated: 'it has no effect: volumes are reached over iSCSI without root.',
  }),
  rootwrapConfig: text({
    glance: 'datera_glance_rootwrap_config',
    help: 'No effect; nothing here needs root.',
    deprecated: 'it has no effect: volumes are reached over iSCSI without root.',
  }),
  formerSanIps: list({
    glance: 'datera_former_san_ips',
    default: [],
    help: 'Management addresses that the system had before; locations with them are its own as well.',
  }),
  useSsl: choice(['auto', 'yes', 'no'], {
    glance: 'datera_use_ssl',
    default: 'auto',
    help: 'Whether the management API speaks HTTPS; `auto` is yes unless the port is 7717.',
  }),
  sslVerify: flag({
    glance: 'datera_ssl_verify',
    default: true,
    help: 'Check the certificate of the management API. Systems come with one that they signed themselves: give it by `datera_ca_file`, or switch the check off.',
  }),
  caFile: path({
    glance: 'datera_ca_file',
    help: 'PEM file with the certificate, or the authority, that the management API is checked against.',
  }),
  initiatorName: text({
    glance: 'datera_initiator_name',
    help: 'Name under which this service logs in to volumes. When left out it is made from the name of the host, the same at each start.',
  }),
  portalPort: integer({
    glance: 'datera_iscsi_portal_port',
    default: 3260,
    min: 1,
    max: 65_535,
    help: 'Port of the iSCSI portals, which the system does not tell.',
  }),
  chapUsername: text({
    glance: 'datera_chap_username',
    help: 'User with which this service proves itself to volumes (CHAP). Set on the volumes of new images.',
  }),
  chapPassword: secret({
    glance: 'datera_chap_password',
    help: 'Secret that belongs to that user, 12 to 16 characters.',
  }),
  ioSize: bytes({
    glance: 'datera_io_size',
    default: '1MiB',
    min: 65_536,
    max: 16 * 1024 ** 2,
    help: 'Bytes that are read or written at once, a power of two.',
  }),
  queueDepth: integer({
    glance: 'datera_queue_depth',
    default: 8,
    min: 1,
    max: 64,
    help: 'How many reads or writes of one image are under way at the same time.',
  }),
  offlineAfterUse: flag({
    glance: 'datera_offline_after_use',
    default: true,
    help: 'Take the volume of an image offline when nobody reads it any more. Never done by force while another host uses it.',
  }),
})

/** The typed options of an open Datera store: times in seconds, sizes in bytes but for `defaultImageSize`. */
export type DateraOptions = OptionValues<typeof dateraOptions>

/** The options as a caller gives them in code. */
export type DateraOptionInput = OptionInput<typeof dateraOptions>

/** The tenant as the API wants it in a header. Datera's own driver took `/root/images` for `/root`. */
export function tenantOf({ tenantId }: Pick<DateraOptions, 'tenantId'>): string {
  const name = tenantId.replace(/^\/+|\/+$/g, '')
  if (name === '' || name === 'root') return '/root'
  return name.startsWith('root/') ? `/${name}` : `/root/${name}`
}
