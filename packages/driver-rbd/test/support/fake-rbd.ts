/**
 * A Ceph cluster in memory, with the rules of librbd that the driver counts on, and switches for its faults.
 *
 * A fault is armed for a call by its name and strikes once. Everything else is as in Ceph: exclusive names, watchers that keep an image, protected snapshots with clones, the trash.
 */
import { type Connect, type RbdClient, RbdError, type RbdImage, type RbdOpen } from '../../src/index.ts'

/** The calls of the port that can fail. */
export type FakeCall =
  | Exclude<keyof RbdClient, 'fsid' | 'close'>
  | Exclude<keyof RbdImage, 'size' | 'close'>
  | 'connect'
  | 'close'

/** How a call goes wrong. */
export interface Fault {
  /** Instead of the answer; the call has not done anything. */
  readonly errno?: string
  /** Instead of the answer; but the call has done its work. */
  readonly lost?: string
  /** The call begins only when this resolves. */
  readonly until?: Promise<unknown>
  /** It strikes at the so many-eth call, from 1. */
  readonly at?: number
}

interface Snapshot {
  readonly name: string
  readonly data: FakeData
  protected: boolean
  /** Clones of format 1, which keep it protected, and of format 2, which keep the image. */
  clones: { v1: number; v2: number }
}

interface Image {
  readonly name: string
  readonly order: number
  data: FakeData
  snapshots: Snapshot[]
  watchers: number
}

/** Bytes of an image: only the pieces that were written. */
class FakeData {
  size: number
  readonly pieces: Map<number, Uint8Array>
  static readonly piece = 1024 * 1024

  constructor(size: number, pieces: ReadonlyMap<number, Uint8Array> = new Map()) {
    this.size = size
    this.pieces = new Map([...pieces].map(([at, bytes]) => [at, bytes.slice()]))
  }

  write(bytes: Uint8Array, offset: number): void {
    this.#each(bytes, offset, (part, index, within) => {
      const piece = this.pieces.get(index) ?? new Uint8Array(FakeData.piece)
      piece.set(part, within)
      this.pieces.set(index, piece)
    })
  }

  read(into: Uint8Array, offset: number): void {
    this.#each(into, offset, (part, index, within) => {
      const piece = this.pieces.get(index)
      if (piece) part.set(piece.subarray(within, within + part.byteLength))
      else part.fill(0)
    })
  }

  #each(bytes: Uint8Array, offset: number, visit: (part: Uint8Array, index: number, within: number) => void): void {
    for (let done = 0; done < bytes.byteLength; ) {
      const within = (offset + done) % FakeData.piece
      const length = Math.min(bytes.byteLength - done, FakeData.piece - within)
      visit(bytes.subarray(done, done + length), Math.floor((offset + done) / FakeData.piece), within)
      done += length
    }
  }
}

export class FakeCluster {
  readonly fsid = '5a1f0e36-0e0e-4d2c-9a55-7c7f3c6f5f10'
  readonly trash: string[] = []
  /** Sizes that were asked for by `resize`. */
  readonly resizes: number[] = []
  /** How often each call was made. */
  readonly calls = new Map<FakeCall, number>()
  /** Connections that are open. */
  connections = 0
  /** Images that are open. */
  opened = 0
  readonly #pools = new Map<string, Map<string, Image>>()
  readonly #faults: { readonly call: FakeCall; readonly fault: Fault; seen: number }[] = []

  constructor(...pools: readonly string[]) {
    for (const pool of pools) this.makePool(pool)
  }

  makePool(name: string): void {
    this.#pools.set(name, new Map())
  }

  removePool(name: string): void {
    this.#pools.delete(name)
  }

  /** Lets a call fail once. */
  arm(call: FakeCall, fault: Fault): void {
    this.#faults.push({ call, fault, seen: 0 })
  }

  /** Names of everything in a pool. */
  names(pool: string): string[] {
    return [...(this.#pools.get(pool)?.keys() ?? [])].sort()
  }

  image(pool: string, name: string): Image {
    return found(this.#pools.get(pool)?.get(name), 'open')
  }

  snapshot(pool: string, name: string, snapshot = 'snap'): Snapshot {
    return found(
      this.image(pool, name).snapshots.find((each) => each.name === snapshot),
      'open',
    )
  }

  readonly connect: Connect = (settings) =>
    this.call('connect', () => {
      found(this.#pools.get(settings.pool), 'rados_ioctx_create')
      this.connections += 1
      return new FakeClient(this, settings.pool)
    })

  pool(name: string): Map<string, Image> {
    return found(this.#pools.get(name), 'rados_ioctx_create')
  }

  /** Makes a call, or fails as armed. */
  async call<T>(name: FakeCall, work: () => T): Promise<T> {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1)
    const waiting = this.#faults.filter((each) => each.call === name)
    for (const each of waiting) each.seen += 1
    const armed = waiting.find(({ seen, fault }) => seen === (fault.at ?? 1))
    if (armed) this.#faults.splice(this.#faults.indexOf(armed), 1)
    await (armed?.fault.until ?? null)
    if (armed?.fault.errno) throw new RbdError(name, armed.fault.errno)
    const result = work()
    if (armed?.fault.lost) throw new RbdError(name, armed.fault.lost)
    return result
  }
}

class FakeClient implements RbdClient {
  readonly fsid: string
  readonly #cluster: FakeCluster
  readonly #pool: string
  readonly #images = new Set<FakeImage>()
  #closed = false

  constructor(cluster: FakeCluster, pool: string) {
    this.fsid = cluster.fsid
    this.#cluster = cluster
    this.#pool = pool
  }

  create(name: string, size: number, order: number): Promise<void> {
    return this.#call('create', () => {
      const pool = this.#cluster.pool(this.#pool)
      if (pool.has(name)) throw new RbdError('rbd_create', 'EEXIST')
      pool.set(name, { name, order, data: new FakeData(size), snapshots: [], watchers: 0 })
    })
  }

  open(name: string, { snapshot, watch, pool = this.#pool }: RbdOpen): Promise<RbdImage> {
    return this.#call('open', () => {
      const image = found(this.#cluster.pool(pool).get(name), 'rbd_open')
      const at =
        snapshot === null
          ? null
          : found(
              image.snapshots.find((each) => each.name === snapshot),
              'rbd_open',
            )
      const opened = new FakeImage(this.#cluster, image, at, watch, () => this.#images.delete(opened))
      this.#images.add(opened)
      return opened
    })
  }

  remove(name: string): Promise<void> {
    return this.#call('remove', () => {
      const pool = this.#cluster.pool(this.#pool)
      const image = found(pool.get(name), 'rbd_remove')
      if (image.snapshots.length > 0) throw new RbdError('rbd_remove', 'ENOTEMPTY')
      if (image.watchers > 0) throw new RbdError('rbd_remove', 'EBUSY')
      pool.delete(name)
    })
  }

  moveToTrash(name: string): Promise<void> {
    return this.#call('moveToTrash', () => {
      const pool = this.#cluster.pool(this.#pool)
      const image = found(pool.get(name), 'rbd_trash_move')
      if (image.watchers > 0) throw new RbdError('rbd_trash_move', 'EBUSY')
      pool.delete(name)
      this.#cluster.trash.push(name)
    })
  }

  ping(): Promise<void> {
    return this.#call('ping', () => {
      this.#cluster.pool(this.#pool)
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#images].map((image) => image.close()))
    this.#cluster.connections -= 1
  }

  #call<T>(name: FakeCall, work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new RbdError(name, 'ESHUTDOWN'))
    return this.#cluster.call(name, work)
  }
}

class FakeImage implements RbdImage {
  readonly size: number
  readonly #cluster: FakeCluster
  readonly #image: Image
  readonly #at: Snapshot | null
  readonly #watch: boolean
  readonly #gone: () => void
  readonly #running = new Set<Promise<unknown>>()
  #closed: Promise<void> | null = null

  constructor(cluster: FakeCluster, image: Image, at: Snapshot | null, watch: boolean, gone: () => void) {
    this.#cluster = cluster
    this.#image = image
    this.#at = at
    this.#watch = watch
    this.#gone = gone
    this.size = (at?.data ?? image.data).size
    cluster.opened += 1
    if (watch) image.watchers += 1
  }

  read(into: Uint8Array<ArrayBuffer>, offset: number): Promise<void> {
    return this.#call('read', () => {
      if (this.#at && !this.#image.snapshots.includes(this.#at)) throw new RbdError('rbd_aio_read', 'ENOENT')
      const data = this.#at?.data ?? this.#image.data
      if (offset + into.byteLength > data.size) throw new RbdError('rbd_aio_read', 'EIO')
      data.read(into, offset)
    })
  }

  write(bytes: Uint8Array<ArrayBuffer>, offset: number): Promise<void> {
    return this.#call('write', () => {
      if (offset + bytes.byteLength > this.#image.data.size) throw new RbdError('rbd_aio_write', 'EINVAL')
      this.#image.data.write(bytes, offset)
    })
  }

  resize(size: number): Promise<void> {
    return this.#call('resize', () => {
      this.#cluster.resizes.push(size)
      this.#image.data.size = size
    })
  }

  snapshots(): Promise<readonly string[]> {
    return this.#call('snapshots', () => this.#image.snapshots.map(({ name }) => name))
  }

  createSnapshot(name: string): Promise<void> {
    return this.#call('createSnapshot', () => {
      const { data, snapshots } = this.#image
      if (snapshots.some((each) => each.name === name)) throw new RbdError('rbd_snap_create', 'EEXIST')
      const copy = new FakeData(data.size, data.pieces)
      snapshots.push({ name, data: copy, protected: false, clones: { v1: 0, v2: 0 } })
    })
  }

  protectSnapshot(name: string): Promise<void> {
    return this.#call('protectSnapshot', () => {
      const snapshot = this.#snapshot(name)
      if (snapshot.protected) throw new RbdError('rbd_snap_protect', 'EBUSY')
      snapshot.protected = true
    })
  }

  unprotectSnapshot(name: string): Promise<void> {
    return this.#call('unprotectSnapshot', () => {
      const snapshot = this.#snapshot(name)
      if (!snapshot.protected) throw new RbdError('rbd_snap_unprotect', 'EINVAL')
      if (snapshot.clones.v1 > 0) throw new RbdError('rbd_snap_unprotect', 'EBUSY')
      snapshot.protected = false
    })
  }

  removeSnapshot(name: string): Promise<void> {
    return this.#call('removeSnapshot', () => {
      const snapshot = this.#snapshot(name)
      if (snapshot.protected) throw new RbdError('rbd_snap_remove', 'EBUSY')
      this.#image.snapshots = this.#image.snapshots.filter((each) => each !== snapshot)
      // Clones of format 2 keep it, under a name that nobody can ask for.
      if (snapshot.clones.v2 > 0) this.#image.snapshots.push({ ...snapshot, name: '\0' })
    })
  }

  watchers(): Promise<number> {
    return this.#call('watchers', () => this.#image.watchers)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running)
    if (this.#watch) this.#image.watchers -= 1
    this.#cluster.opened -= 1
    this.#gone()
    await this.#cluster.call('close', () => {})
  }

  async #call<T>(name: FakeCall, work: () => T): Promise<T> {
    if (this.#closed) throw new RbdError(name, 'ESHUTDOWN')
    const running = this.#cluster.call(name, work)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  #snapshot(name: string): Snapshot {
    return found(
      this.#image.snapshots.find((each) => each.name === name),
      'snapshot',
    )
  }
}

function found<T>(value: T | undefined, call: string): T {
  if (value === undefined) throw new RbdError(call, 'ENOENT')
  return value
}
