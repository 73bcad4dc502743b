/** The port to Ceph by librados and librbd. */
import { StoreError } from '@glance/core'
import type { NativeCluster } from './control-calls.ts'
import { ControlThreads } from './control-threads.ts'
import { EventDescriptor, ImageIo } from './image-io.ts'
import { type LibraryNames, type LoadedLibrary, libraryNames, loadLibrary, type Pointer } from './library.ts'
import { type RbdClient, type RbdConnectSettings, RbdError, type RbdImage, type RbdOpen } from './rbd-client.ts'
import { RunningCalls } from './running-calls.ts'

/**
 * Connects to a cluster. It may take as long as `connectTimeout` says.
 *
 * @throws RbdError; StoreError BAD_CONFIGURATION when the libraries are missing
 */
export async function connectLibrbd(
  settings: RbdConnectSettings,
  names: LibraryNames = libraryNames,
): Promise<RbdClient> {
  const lib = await loadLibrary(names).catch((cause: unknown) => {
    throw new StoreError(
      'BAD_CONFIGURATION',
      `the libraries of Ceph (${names.rados}, ${names.rbd}) cannot be loaded; install them (Debian, Ubuntu, RHEL: librados2 and librbd1)`,
      { cause },
    )
  })
  const threads = new ControlThreads(names)
  try {
    return new LibrbdClient(lib, threads, settings.pool, await threads.run('connect', settings))
  } catch (error) {
    await threads.end()
    throw error
  }
}

class LibrbdClient implements RbdClient {
  readonly fsid: string
  readonly #lib: LoadedLibrary
  readonly #threads: ControlThreads
  readonly #native: NativeCluster
  readonly #pool: string
  readonly #images = new Set<LibrbdImage>()
  readonly #calls = new RunningCalls()

  constructor(lib: LoadedLibrary, threads: ControlThreads, pool: string, native: NativeCluster) {
    this.#lib = lib
    this.#threads = threads
    this.#pool = pool
    this.#native = native
    this.fsid = native.fsid
  }

  create(image: string, size: number, order: number): Promise<void> {
    return this.#calls.run(() => this.#threads.run('create', this.#native.ioctx, image, size, order))
  }

  open(image: string, { snapshot, watch, pool = this.#pool }: RbdOpen): Promise<RbdImage> {
    return this.#calls.run(async () => {
      const { cluster, ioctx } = this.#native
      const own = pool === this.#pool ? null : await this.#threads.run('openPool', cluster, pool)
      let events: EventDescriptor | null = null
      try {
        events = new EventDescriptor(this.#lib)
        const opened = await this.#threads.run('open', own ?? ioctx, image, snapshot, watch, events.number)
        const made = new LibrbdImage(this.#lib, this.#threads, opened, events, async () => {
          this.#images.delete(made)
          if (own !== null) await this.#threads.run('closePool', own)
        })
        this.#images.add(made)
        return made
      } catch (error) {
        events?.close()
        if (own !== null) await this.#threads.run('closePool', own)
        throw error
      }
    })
  }

  remove(image: string): Promise<void> {
    return this.#calls.run(() => this.#threads.runSlow('remove', this.#native.ioctx, image))
  }

  moveToTrash(image: string): Promise<void> {
    return this.#calls.run(() => this.#threads.run('moveToTrash', this.#native.ioctx, image))
  }

  ping(): Promise<void> {
    return this.#calls.run(() => this.#threads.run('ping', this.#native.ioctx))
  }

  close(): Promise<void> {
    return this.#calls.close(async () => {
      await Promise.allSettled([...this.#images].map((image) => image.close()))
      await this.#threads.run('disconnect', this.#native)
      await this.#threads.end()
    })
  }
}

class LibrbdImage implements RbdImage {
  readonly size: number
  readonly #threads: ControlThreads
  readonly #handle: Pointer
  readonly #events: EventDescriptor
  readonly #io: ImageIo
  readonly #closed: () => Promise<void>
  readonly #calls = new RunningCalls()

  constructor(
    lib: LoadedLibrary,
    threads: ControlThreads,
    { handle, size }: { readonly handle: Pointer; readonly size: number },
    events: EventDescriptor,
    closed: () => Promise<void>,
  ) {
    this.size = size
    this.#threads = threads
    this.#handle = handle
    this.#events = events
    this.#io = new ImageIo(lib, handle, events)
    this.#closed = closed
  }

  read(into: Uint8Array<ArrayBuffer>, offset: number): Promise<void> {
    return this.#calls.run(async () => {
      const count = await this.#io.read(into, offset)
      if (count !== into.byteLength) throw new RbdError('rbd_aio_read', 'EIO')
    })
  }

  write(bytes: Uint8Array<ArrayBuffer>, offset: number): Promise<void> {
    return this.#calls.run(() => this.#io.write(bytes, offset))
  }

  resize(size: number): Promise<void> {
    return this.#calls.run(() => this.#threads.run('resize', this.#handle, size))
  }

  snapshots(): Promise<readonly string[]> {
    return this.#calls.run(() => this.#threads.run('snapshots', this.#handle))
  }

  createSnapshot(name: string): Promise<void> {
    return this.#calls.run(() => this.#threads.run('createSnapshot', this.#handle, name))
  }

  protectSnapshot(name: string): Promise<void> {
    return this.#calls.run(() => this.#threads.run('protectSnapshot', this.#handle, name))
  }

  unprotectSnapshot(name: string): Promise<void> {
    return this.#calls.run(() => this.#threads.run('unprotectSnapshot', this.#handle, name))
  }

  removeSnapshot(name: string): Promise<void> {
    return this.#calls.run(() => this.#threads.run('removeSnapshot', this.#handle, name))
  }

  watchers(): Promise<number> {
    return this.#calls.run(() => this.#threads.run('watchers', this.#handle))
  }

  close(): Promise<void> {
    return this.#calls.close(async () => {
      try {
        await this.#threads.run('close', this.#handle)
      } finally {
        this.#events.close()
        await this.#closed()
      }
    })
  }
}
