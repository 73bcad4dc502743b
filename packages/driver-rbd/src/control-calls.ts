/**
 * The calls that block until the cluster has answered: connecting, and everything of an image but reading and writing. They run on threads of their own (`control-threads.ts`).
 *
 * Each is a function of plain arguments to a plain result, so that both can go through a message.
 */
import { checked, type LoadedLibrary, type Out, type Pointer } from './library.ts'
import { type RbdConnectSettings, RbdError } from './rbd-client.ts'

/** Numbers of `rbd/librbd.h` and `rbd/features.h`. */
const optionFormat = 0
const optionOrder = 2
const optionFeaturesSet = 8
const featureLayering = 1

/** Bytes of `rbd_snap_info_t` (id, size, name) and of `rbd_image_watcher_t` (address, id, cookie): three words of 64 bits each. */
const structBytes = 24

/** Longest wait for one call of a cluster that does not answer, in seconds, when the configuration of Ceph sets none: a call that waits for ever holds a thread, and its image, for ever. */
const operationTimeout = '600'

/** A connection as the threads know it. */
export interface NativeCluster {
  readonly cluster: Pointer
  readonly ioctx: Pointer
  readonly fsid: string
}

/** The calls over one loaded library. Every one throws RbdError. */
export function controlCalls(lib: LoadedLibrary) {
  const text = (read: (into: Uint8Array, length: number) => number, call: string): string => {
    const into = Buffer.alloc(128)
    checked(call, read(into, into.length))
    return into.toString('utf8', 0, into.indexOf(0))
  }
  const setDefault = (cluster: Pointer, option: string, value: string): void => {
    const present = text((into, length) => lib.rados_conf_get(cluster, option, into, length), 'rados_conf_get')
    if (Number(present) === 0) checked('rados_conf_set', lib.rados_conf_set(cluster, option, value))
  }

  /** Grows the memory until the library has put all elements into it, or tells how many there are. */
  const elements = (call: string, list: (into: Uint8Array, count: [number | bigint]) => number): [Buffer, number] => {
    for (let room = 16; ; room *= 2) {
      const into = Buffer.alloc(room * structBytes)
      const count: [number | bigint] = [room]
      const result = list(into, count)
      // ERANGE: there is one more than there was room.
      if (result === -34 && room < 65_536) continue
      return [into, checked(call, result)]
    }
  }

  return {
    connect({ conf, user, pool, connectTimeout }: RbdConnectSettings): NativeCluster {
      const made: Out<Pointer> = [null]
      checked('rados_create', lib.rados_create(made, user))
      const cluster = made[0] ?? 0n
      try {
        checked('rados_conf_read_file', lib.rados_conf_read_file(cluster, conf))
        const set = (option: string, value: string): number =>
          checked('rados_conf_set', lib.rados_conf_set(cluster, option, value))
        if (connectTimeout !== null) {
          set('client_mount_timeout', String(connectTimeout))
          set('rados_mon_op_timeout', String(connectTimeout))
        }
        setDefault(cluster, 'rados_osd_op_timeout', operationTimeout)
        // What goes wrong is in the errors; the library's own lines would stand between those of the server's log. `log file` in the configuration still gets them.
        set('log_to_stderr', 'false')
        set('err_to_stderr', 'false')
        // A whole image goes by once, so a cache only costs; and memory given to a write stays as it is until the write has ended, so it need not be copied.
        set('rbd_cache', 'false')
        set('rbd_disable_zero_copy_writes', 'false')
        checked('rados_connect', lib.rados_connect(cluster))
        const fsid = text((into, length) => lib.rados_cluster_fsid(cluster, into, length), 'rados_cluster_fsid')
        return { cluster, ioctx: this.openPool(cluster, pool), fsid }
      } catch (error) {
        lib.rados_shutdown(cluster)
        throw error
      }
    },

    openPool(cluster: Pointer, pool: string): Pointer {
      const ioctx: Out<Pointer> = [null]
      checked('rados_ioctx_create', lib.rados_ioctx_create(cluster, pool, ioctx))
      return ioctx[0] ?? 0n
    },

    closePool(ioctx: Pointer): void {
      lib.rados_ioctx_destroy(ioctx)
    },

    disconnect({ cluster, ioctx }: NativeCluster): void {
      lib.rados_ioctx_destroy(ioctx)
      lib.rados_shutdown(cluster)
    },

    ping(ioctx: Pointer): void {
      const result = lib.rados_stat(ioctx, 'rbd_directory', [null], [null])
      // A pool in which there was never an image has none.
      if (result !== -2) checked('rados_stat', result)
    },

    create(ioctx: Pointer, image: string, size: number, order: number): void {
      const made: Out<Pointer> = [null]
      lib.rbd_image_options_create(made)
      const options = made[0] ?? 0n
      try {
        // Features are those of Ceph's configuration; without layering the image could not be cloned.
        const wanted = [
          [optionFormat, 2],
          [optionOrder, order],
          [optionFeaturesSet, featureLayering],
        ] as const
        for (const [option, value] of wanted)
          checked('rbd_image_options_set_uint64', lib.rbd_image_options_set_uint64(options, option, value))
        checked('rbd_create', lib.rbd_create4(ioctx, image, size, options))
      } finally {
        lib.rbd_image_options_destroy(options)
      }
    },

    /** Opens an image whose reads and writes are told through an event descriptor. */
    open(
      ioctx: Pointer,
      image: string,
      snapshot: string | null,
      watch: boolean,
      descriptor: number,
    ): { readonly handle: Pointer; readonly size: number } {
      const opened: Out<Pointer> = [null]
      const open = watch ? lib.rbd_open : lib.rbd_open_read_only
      checked('rbd_open', open(ioctx, image, opened, snapshot))
      const handle = opened[0] ?? 0n
      try {
        const size: Out<number | bigint> = [null]
        checked('rbd_get_size', lib.rbd_get_size(handle, size))
        // EVENT_TYPE_EVENTFD
        checked('rbd_set_image_notification', lib.rbd_set_image_notification(handle, descriptor, 2))
        return { handle, size: Number(size[0]) }
      } catch (error) {
        lib.rbd_close(handle)
        throw error
      }
    },

    close(image: Pointer): void {
      checked('rbd_close', lib.rbd_close(image))
    },

    resize(image: Pointer, size: number): void {
      checked('rbd_resize', lib.rbd_resize(image, size))
    },

    snapshots(image: Pointer): string[] {
      const [into, count] = elements('rbd_snap_list', (memory, room) =>
        lib.rbd_snap_list(image, memory, room as [number]),
      )
      const names = Array.from({ length: count }, (_, index) =>
        lib.koffi.decode.string(into.readBigUInt64LE(index * structBytes + 16)),
      )
      if (count > 0) lib.rbd_snap_list_end(into)
      return names
    },

    createSnapshot(image: Pointer, snapshot: string): void {
      checked('rbd_snap_create', lib.rbd_snap_create(image, snapshot))
    },

    protectSnapshot(image: Pointer, snapshot: string): void {
      checked('rbd_snap_protect', lib.rbd_snap_protect(image, snapshot))
    },

    unprotectSnapshot(image: Pointer, snapshot: string): void {
      checked('rbd_snap_unprotect', lib.rbd_snap_unprotect(image, snapshot))
    },

    removeSnapshot(image: Pointer, snapshot: string): void {
      checked('rbd_snap_remove', lib.rbd_snap_remove(image, snapshot))
    },

    watchers(image: Pointer): number {
      let found = 0
      const [into] = elements('rbd_watchers_list', (memory, room) => {
        const result = lib.rbd_watchers_list(image, memory, room)
        found = Number(room[0])
        return result
      })
      if (found > 0) lib.rbd_watchers_list_cleanup(into, found)
      return found
    },

    remove(ioctx: Pointer, image: string): void {
      checked('rbd_remove', lib.rbd_remove(ioctx, image))
    },

    moveToTrash(ioctx: Pointer, image: string): void {
      checked('rbd_trash_move', lib.rbd_trash_move(ioctx, image, 0))
    },
  }
}

/** What the threads can be asked. */
export type ControlCalls = ReturnType<typeof controlCalls>

/** An error as it goes through a message. */
export interface FailedCall {
  readonly call: string
  readonly errno: string
}

/** What a message says of an error, null when it is none of Ceph's. */
export function failedCall(error: unknown): FailedCall | null {
  return error instanceof RbdError ? { call: error.call, errno: error.errno } : null
}
