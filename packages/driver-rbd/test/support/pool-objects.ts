/**
 * The objects of a pool, straight from RADOS and without the driver: what images really left, and how a pool is emptied for the next test.
 *
 * Calls block, each for a millisecond or so; starting a command line for each would take most of the time of the suite.
 */
import koffi from 'koffi'

const library = koffi.load('librados.so.2')
const declare = (text: string): ((...args: readonly unknown[]) => number) => library.func(text)
const rados_create = declare('int rados_create(_Out_ void **cluster, const char *user)')
const rados_conf_read_file = declare('int rados_conf_read_file(void *cluster, const char *path)')
const rados_connect = declare('int rados_connect(void *cluster)')
const rados_shutdown = declare('void rados_shutdown(void *cluster)')
const rados_ioctx_create = declare('int rados_ioctx_create(void *cluster, const char *pool, _Out_ void **ioctx)')
const rados_ioctx_destroy = declare('void rados_ioctx_destroy(void *ioctx)')
const rados_nobjects_list_open = declare('int rados_nobjects_list_open(void *ioctx, _Out_ void **list)')
const rados_nobjects_list_next = declare(
  'int rados_nobjects_list_next(void *list, _Out_ const char **entry, void *key, void *space)',
)
const rados_nobjects_list_close = declare('void rados_nobjects_list_close(void *list)')
const rados_remove = declare('int rados_remove(void *ioctx, const char *name)')

/** What Ceph makes in a pool for itself. */
const furniture: ReadonlySet<string> = new Set(['rbd_directory', 'rbd_info', 'rbd_children', 'rbd_trash', 'rbd_task'])

/** A connection of the tests' own. */
export class PoolObjects {
  readonly #cluster: unknown

  constructor(conf: string, user: string) {
    this.#cluster = made((out) => rados_create(out, user))
    must(rados_conf_read_file(this.#cluster, conf))
    must(rados_connect(this.#cluster))
  }

  /** Names of the objects that belong to images. */
  list(pool: string): string[] {
    return this.#inPool(pool, (ioctx) => this.#names(ioctx).filter((name) => !furniture.has(name)))
  }

  /** Removes everything. */
  empty(pool: string): void {
    this.#inPool(pool, (ioctx) => {
      for (const name of this.#names(ioctx)) rados_remove(ioctx, name)
    })
  }

  close(): void {
    rados_shutdown(this.#cluster)
  }

  #names(ioctx: unknown): string[] {
    const list = made((out) => rados_nobjects_list_open(ioctx, out))
    const names: string[] = []
    const entry: [string | null] = [null]
    while (rados_nobjects_list_next(list, entry, null, null) === 0) names.push(entry[0] ?? '')
    rados_nobjects_list_close(list)
    return names
  }

  #inPool<T>(pool: string, run: (ioctx: unknown) => T): T {
    const ioctx = made((out) => rados_ioctx_create(this.#cluster, pool, out))
    try {
      return run(ioctx)
    } finally {
      rados_ioctx_destroy(ioctx)
    }
  }
}

function made(make: (out: [unknown]) => number): unknown {
  const out: [unknown] = [null]
  must(make(out))
  return out[0]
}

function must(result: number): void {
  if (result < 0) throw new Error(`librados answered ${result}`)
}
