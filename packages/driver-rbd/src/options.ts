import { bytes, duration, flag, type OptionValues, optionTable, text } from '@glance/core'

const mebibyte = 1024 * 1024

/** The options of an RBD store, under Glance's names and with its defaults. */
export const rbdOptions = optionTable({
  chunkSize: bytes({
    glance: 'rbd_store_chunk_size',
    told: 'chunk_size',
    default: '8MiB',
    min: mebibyte,
    max: 32 * mebibyte,
    unit: 'MiB',
    help: 'Size of the objects that an image is stored in, a power of two; of another value the next smaller one counts.',
  }),
  pool: text({
    glance: 'rbd_store_pool',
    told: 'pool',
    default: 'images',
    help: 'Pool of the images. It must exist.',
  }),
  user: text({
    glance: 'rbd_store_user',
    help: 'Ceph user, without the `client.` before it; `admin` when it is not given. Its keyring is found through the configuration of Ceph.',
  }),
  cephConf: text({
    glance: 'rbd_store_ceph_conf',
    default: '',
    help: "Configuration file of Ceph, an absolute path. When it is empty the library looks in Ceph's own places, `/etc/ceph/ceph.conf` among them.",
  }),
  connectTimeout: duration({
    glance: 'rados_connect_timeout',
    default: -1,
    help: 'Longest time to connect to the cluster; 0 for no limit, negative for what the configuration of Ceph says, which is five minutes unless it is changed there.',
  }),
  thinProvisioning: flag({
    glance: 'rbd_thin_provisioning',
    told: 'thin_provisioning',
    default: false,
    help: 'Leave holes in the image where the data are zeros.',
  }),
})

/** Typed options of an RBD store: the time is in seconds, the size in bytes. */
export type RbdOptions = OptionValues<typeof rbdOptions>

/** log2 of the size of the objects of an image. Glance rounds down as well. */
export function objectOrder(chunkSize: number): number {
  return Math.floor(Math.log2(chunkSize))
}
