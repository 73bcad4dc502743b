/**
 * The C functions of librados and librbd that the driver calls, loaded by koffi (a foreign function interface with prebuilt binaries).
 *
 * Declarations follow `rados/librados.h` and `rbd/librbd.h` of Ceph 16; functions are only ever added there. Pointers are bigints, an output argument is an array of one element, and an int
 * below zero is an errno. Each thread loads the libraries for itself; the handles they give are good in all threads of the process. So nothing heavy is imported here.
 */
import { constants } from 'node:os'
import { RbdError } from './rbd-client.ts'

/** An address in this process. */
export type Pointer = bigint

/** An output argument. */
export type Out<T> = [T | null]

/** What is called, by C name. */
export interface Library {
  rados_create(cluster: Out<Pointer>, user: string | null): number
  rados_conf_read_file(cluster: Pointer, path: string | null): number
  rados_conf_set(cluster: Pointer, option: string, value: string): number
  rados_conf_get(cluster: Pointer, option: string, into: Uint8Array, length: number): number
  rados_connect(cluster: Pointer): number
  rados_shutdown(cluster: Pointer): void
  rados_cluster_fsid(cluster: Pointer, into: Uint8Array, length: number): number
  rados_ioctx_create(cluster: Pointer, pool: string, ioctx: Out<Pointer>): number
  rados_ioctx_destroy(ioctx: Pointer): void
  rados_stat(ioctx: Pointer, object: string, size: Out<number>, time: Out<number>): number
  rbd_image_options_create(options: Out<Pointer>): void
  rbd_image_options_destroy(options: Pointer): void
  rbd_image_options_set_uint64(options: Pointer, option: number, value: number): number
  rbd_create4(ioctx: Pointer, image: string, size: number, options: Pointer): number
  rbd_open(ioctx: Pointer, image: string, handle: Out<Pointer>, snapshot: string | null): number
  rbd_open_read_only(ioctx: Pointer, image: string, handle: Out<Pointer>, snapshot: string | null): number
  rbd_close(image: Pointer): number
  rbd_get_size(image: Pointer, size: Out<number | bigint>): number
  rbd_resize(image: Pointer, size: number): number
  rbd_snap_list(image: Pointer, into: Uint8Array, count: [number]): number
  rbd_snap_list_end(snapshots: Uint8Array): void
  rbd_snap_create(image: Pointer, snapshot: string): number
  rbd_snap_protect(image: Pointer, snapshot: string): number
  rbd_snap_unprotect(image: Pointer, snapshot: string): number
  rbd_snap_remove(image: Pointer, snapshot: string): number
  rbd_watchers_list(image: Pointer, into: Uint8Array, count: [number | bigint]): number
  rbd_watchers_list_cleanup(watchers: Uint8Array, count: number): void
  rbd_remove(ioctx: Pointer, image: string): number
  rbd_trash_move(ioctx: Pointer, image: string, delay: number): number
  rbd_set_image_notification(image: Pointer, descriptor: number, type: number): number
  rbd_aio_create_completion(argument: null, callback: null, completion: Out<Pointer>): number
  rbd_aio_write(image: Pointer, offset: number, length: number, bytes: Pointer, completion: Pointer): number
  rbd_aio_read(image: Pointer, offset: number, length: number, into: Pointer, completion: Pointer): number
  rbd_aio_get_return_value(completion: Pointer): number | bigint
  rbd_aio_release(completion: Pointer): void
  rbd_poll_io_events(image: Pointer, completions: BigUint64Array, count: number): number
  /** Of the C library. */
  eventfd(initial: number, flags: number): number
}

const rados: readonly string[] = [
  'int rados_create(_Out_ void **cluster, const char *user)',
  'int rados_conf_read_file(void *cluster, const char *path)',
  'int rados_conf_set(void *cluster, const char *option, const char *value)',
  'int rados_conf_get(void *cluster, const char *option, _Out_ uint8_t *into, size_t length)',
  'int rados_connect(void *cluster)',
  'void rados_shutdown(void *cluster)',
  'int rados_cluster_fsid(void *cluster, _Out_ uint8_t *into, size_t length)',
  'int rados_ioctx_create(void *cluster, const char *pool, _Out_ void **ioctx)',
  'void rados_ioctx_destroy(void *ioctx)',
  'int rados_stat(void *ioctx, const char *object, _Out_ uint64_t *size, _Out_ int64_t *time)',
  // Found through the library, which is linked with the C library.
  'int eventfd(unsigned int initial, int flags)',
]

const rbd: readonly string[] = [
  'void rbd_image_options_create(_Out_ void **options)',
  'void rbd_image_options_destroy(void *options)',
  'int rbd_image_options_set_uint64(void *options, int option, uint64_t value)',
  'int rbd_create4(void *ioctx, const char *image, uint64_t size, void *options)',
  'int rbd_open(void *ioctx, const char *image, _Out_ void **handle, const char *snapshot)',
  'int rbd_open_read_only(void *ioctx, const char *image, _Out_ void **handle, const char *snapshot)',
  'int rbd_close(void *image)',
  'int rbd_get_size(void *image, _Out_ uint64_t *size)',
  'int rbd_resize(void *image, uint64_t size)',
  'int rbd_snap_list(void *image, void *into, _Inout_ int *count)',
  'void rbd_snap_list_end(void *snapshots)',
  'int rbd_snap_create(void *image, const char *snapshot)',
  'int rbd_snap_protect(void *image, const char *snapshot)',
  'int rbd_snap_unprotect(void *image, const char *snapshot)',
  'int rbd_snap_remove(void *image, const char *snapshot)',
  'int rbd_watchers_list(void *image, void *into, _Inout_ size_t *count)',
  'void rbd_watchers_list_cleanup(void *watchers, size_t count)',
  'int rbd_remove(void *ioctx, const char *image)',
  'int rbd_trash_move(void *ioctx, const char *image, uint64_t delay)',
  'int rbd_set_image_notification(void *image, int descriptor, int type)',
  'int rbd_aio_create_completion(void *argument, void *callback, _Out_ void **completion)',
  'int rbd_aio_write(void *image, uint64_t offset, size_t length, void *bytes, void *completion)',
  'int rbd_aio_read(void *image, uint64_t offset, size_t length, void *into, void *completion)',
  'intptr_t rbd_aio_get_return_value(void *completion)',
  'void rbd_aio_release(void *completion)',
  'int rbd_poll_io_events(void *image, void *completions, int count)',
]

/** File names of the libraries, which the loader of the system looks up. */
export interface LibraryNames {
  readonly rados: string
  readonly rbd: string
}

/** The names in every distribution of Linux; the numbers are those of the interface and have not changed since 2010. */
export const libraryNames: LibraryNames = { rados: 'librados.so.2', rbd: 'librbd.so.1' }

/** koffi, loaded when it is needed: a server without RBD does without. */
export type Koffi = typeof import('koffi')['default']

/** The libraries and what reads memory that they fill. */
export interface LoadedLibrary extends Library {
  readonly koffi: Koffi
}

/** Loads the libraries into this thread. @throws Error when one is missing, or too old to have a function */
export async function loadLibrary(names: LibraryNames = libraryNames): Promise<LoadedLibrary> {
  const { default: koffi } = await import('koffi')
  const functions: Record<string, unknown> = { koffi }
  for (const [file, declarations] of [
    [names.rados, rados],
    [names.rbd, rbd],
  ] as const) {
    const library = koffi.load(file)
    for (const declaration of declarations) {
      const called = library.func(declaration)
      functions[called.info.name] = called
    }
  }
  return functions as unknown as LoadedLibrary
}

const errnoNames: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).map(([name, number]) => [number, name] as const),
  // Ceph has names of its own for two numbers of Linux.
  [108, 'ESHUTDOWN'],
])

/** The name of an errno as Ceph returns it, below zero. */
export function errnoName(result: number): string {
  return errnoNames.get(-result) ?? `errno ${-result}`
}

/** Passes a result that is no error. @throws RbdError */
export function checked(call: string, result: number): number {
  if (result < 0) throw new RbdError(call, errnoName(result))
  return result
}
