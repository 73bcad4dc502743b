import { bytes, duration, flag, integer, multi, type OptionValues, optionTable, path, text } from '@glance/core'

/** The options of a file store, under Glance's names and with its defaults. */
export const fileOptions = optionTable({
  // A text and not a path: whoever sets `filesystem_store_datadirs` may have blanked it, as Glance asks for. No default, because `open` must
  // know whether it was given.
  dataDir: text({
    glance: 'filesystem_store_datadir',
    told: 'data_dir',
    help: 'Directory of the images, an absolute path; made if it is missing. `/var/lib/glance/images` when neither this nor `filesystem_store_datadirs` is set.',
  }),
  dataDirs: multi({
    glance: 'filesystem_store_datadirs',
    default: [],
    help: 'Several directories, each `path` or `path:priority`; the key is repeated. A path that contains a colon needs a priority. An image goes to the highest priority with room for it, there to the directory with most room. Not together with `filesystem_store_datadir`.',
  }),
  metadataFile: path({
    glance: 'filesystem_store_metadata_file',
    help: 'JSON file with one object or a list of `{"id", "mountpoint"}`: the entry whose mount point holds an image is kept with its location.',
  }),
  filePerm: text({
    glance: 'filesystem_store_file_perm',
    default: '0',
    help: 'Permissions of image files in octal digits, e.g. `640`; 0 leaves them to the umask. The owner must be able to read. Whoever may read files may search the directories.',
  }),
  chunkSize: bytes({
    glance: 'filesystem_store_chunk_size',
    told: 'chunk_size',
    default: 65_536,
    min: 1,
    max: 64 * 1024 * 1024,
    help: 'Least size of the pieces in which files are read and small chunks are gathered before they are written. Pieces have 1 MiB unless this is more.',
  }),
  thinProvisioning: flag({
    glance: 'filesystem_thin_provisioning',
    told: 'thin_provisioning',
    default: false,
    help: 'Leave holes in the file where the data are zeros. The announced size is not compared with the free space then.',
  }),
  timeout: duration({
    glance: 'filesystem_store_timeout',
    default: 0,
    min: 0,
    help: 'Longest time for one operation on a file, for network file systems that hang; 0 for no limit. A request then fails with TIMEOUT; the thread of the operation is free again only when the file system answers.',
  }),
  threadPoolSize: integer({
    glance: 'filesystem_store_thread_pool_size',
    default: 10,
    min: 1,
    help: 'No effect; Node has one pool of threads for all files, whose size is `UV_THREADPOOL_SIZE` in the environment.',
    deprecated: 'set UV_THREADPOOL_SIZE in the environment instead.',
  }),
  threadPoolThreshold: integer({
    glance: 'filesystem_store_threadpool_threshold',
    default: 75,
    min: 0,
    max: 100,
    help: 'No effect; there is no pool of threads of its own to watch.',
    deprecated: 'it has no effect.',
  }),
})

/** Where images lie when no directory is given: Glance's default. */
export const defaultDataDir = '/var/lib/glance/images'

/** Typed options of a file store: the time is in seconds, sizes in bytes. */
export type FileOptions = OptionValues<typeof fileOptions>
