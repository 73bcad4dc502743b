/** Toys that do not stop, or stop everybody: `abort/`, `close/` and `concurrency/`. */
import { type AddOptions, StoreError } from '@glance/core'
import { adding, asChunks, type Fault, gathered, giving, never } from '../breaking.ts'
import { type Break, pieces } from '../toy.ts'

const deaf = <T extends { readonly signal: AbortSignal }>(options: T): T => ({
  ...options,
  signal: new AbortController().signal,
})

/** Reads all data before it looks at the signal. */
const looksLate = adding(async (toy, id, data, options) => {
  const bytes = await gathered(data)
  return toy.add(id, asChunks(bytes), options)
})

/** Forgets why it was aborted. */
const forgetful: Break = (toy) => {
  const changed = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call
    } catch {
      throw new StoreError('ABORTED', 'aborted, nobody knows why')
    }
  }
  return {
    add: (...given) => changed(toy.add(...given)),
    get: (...given) => changed(toy.get(...given)),
    getSize: (...given) => changed(toy.getSize(...given)),
    delete: (...given) => changed(toy.delete(...given)),
  }
}

/** Bodies that see neither signals nor the end of the store. */
const deafBodies: Break = (toy) => ({
  async get(location, options) {
    const { size } = await toy.get(location, options)
    return { size, body: pieces(toy.bytesAt(location), deaf(options).signal) }
  },
})

/** One call at a time, from its beginning to the end of its body. */
const oneAtATime: Break = (toy) => {
  let free: Promise<unknown> = Promise.resolve()
  const turn = async (): Promise<() => void> => {
    const before = free
    const { promise, resolve } = Promise.withResolvers<void>()
    free = promise
    await before
    return resolve
  }
  return {
    async add(...given) {
      const done = await turn()
      return toy.add(...given).finally(done)
    },
    async get(location, options) {
      const done = await turn()
      const { size, body } = await toy.get(location, options)
      const held = async function* (): AsyncGenerator<Uint8Array, void, void> {
        try {
          yield* body
        } finally {
          done()
        }
      }
      return { size, body: held() }
    },
  }
}

/** All adds gather their data in one buffer. */
const oneBuffer: Break = (toy) => {
  const buffer = Buffer.alloc(3_000_000)
  return {
    async add(id: string, data: AsyncIterable<Uint8Array>, options: AddOptions) {
      let at = 0
      for await (const chunk of data) {
        buffer.set(chunk, at)
        at += chunk.byteLength
      }
      return toy.add(id, asChunks(buffer.subarray(0, at)), options)
    },
  }
}

export const faultsOfStopping: readonly Fault[] = [
  {
    case: 'abort/open',
    fault: 'opens under a signal that has fired',
    says: /went well/,
    definition: { open: async () => ({ close: async () => {}, capabilities: {}, locationPrefixes: [] }) as never },
  },
  {
    case: 'abort/before-add',
    fault: 'looks at the signal after it has read the data',
    says: /read 1000 bytes under a signal/,
    breaks: looksLate,
  },
  { case: 'abort/before-add', fault: 'forgets the reason', says: /not the signal's reason/, breaks: forgetful },
  {
    case: 'abort/add-stalled',
    fault: 'waits for the source whatever happens',
    says: /did not settle/,
    breaks: looksLate,
  },
  {
    case: 'abort/add-stalled',
    fault: 'leaves the source without a word',
    says: /without return/,
    breaks: adding((toy, id, data, options) => {
      const source = data[Symbol.asyncIterator]()
      return toy.add(id, { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) }, options)
    }),
  },
  {
    case: 'abort/add-running',
    fault: 'looks at the signal in the beginning only',
    says: /went well/,
    breaks: adding(async (toy, id, data, options) => {
      toy.begin(options)
      return toy.add(id, data, deaf(options))
    }),
  },
  {
    case: 'abort/before-get',
    fault: 'does not look at the signal of a read',
    says: /went well/,
    breaks: (toy) => ({ get: (location, options) => toy.get(location, deaf(options)) }),
  },
  {
    case: 'abort/before-get',
    fault: 'does not look at the signal of getSize',
    says: /went well/,
    breaks: (toy) => ({ getSize: (location, options) => toy.getSize(location, deaf(options)) }),
  },
  { case: 'abort/reading', fault: 'reads on', says: /read to its end/, breaks: deafBodies },
  {
    case: 'abort/reading',
    fault: 'ends an aborted body as if it were whole',
    says: /as if it were whole/,
    breaks: giving(({ body }, { signal }) => ({
      body: (async function* () {
        for await (const chunk of body) {
          if (signal.aborted) return
          yield chunk
          if (signal.aborted) return
        }
      })(),
    })),
  },
  {
    case: 'abort/reading',
    fault: 'gives nothing more after an abort',
    says: /did not settle/,
    breaks: (toy) => ({
      async get(location, options) {
        const { size } = await toy.get(location, options)
        const source = pieces(toy.bytesAt(location), deaf(options).signal)
        const next = (): Promise<IteratorResult<Uint8Array>> => (options.signal.aborted ? never() : source.next())
        return { size, body: { [Symbol.asyncIterator]: () => ({ next }) } }
      },
    }),
  },
  {
    case: 'abort/before-delete',
    fault: 'deletes under a signal that has fired',
    says: /went well/,
    breaks: (toy) => ({ delete: (location, options) => toy.delete(location, deaf(options)) }),
  },
  {
    case: 'abort/before-delete',
    fault: 'deletes, and then says that it was aborted',
    says: /NOT_FOUND/,
    breaks: (toy) => ({
      async delete(location, options) {
        await toy.delete(location, deaf(options))
        toy.begin(options)
      },
    }),
  },
  {
    case: 'close/twice',
    fault: 'releases twice',
    says: /no handle/,
    breaks: (toy) => ({
      async close() {
        if (toy.closing.signal.aborted) throw new TypeError('no handle')
        await toy.close()
      },
    }),
  },
  { case: 'close/later-calls', fault: 'goes on after close', says: /went well/, breaks: () => ({ async close() {} }) },
  {
    case: 'close/later-calls',
    fault: 'falls over its missing handle',
    says: /TypeError/,
    breaks: (toy) => ({
      async delete() {
        if (toy.closing.signal.aborted) throw new TypeError('handle is null')
      },
    }),
  },
  { case: 'close/reader', fault: 'lets readers go on', says: /read to its end/, breaks: deafBodies },
  {
    case: 'close/unread-body',
    fault: 'waits for all readers',
    says: /close did not settle/,
    breaks: (toy) => {
      let open = 0
      return {
        async get(location, options) {
          open += 1
          return toy.get(location, options)
        },
        close: () => (open > 0 ? never() : toy.close()),
      }
    },
  },
  {
    case: 'close/running-add',
    fault: 'lets running adds wait',
    says: /did not settle/,
    breaks: looksLate,
  },
  {
    case: 'close/running-add',
    fault: 'waits for running adds',
    says: /close did not settle/,
    breaks: (toy) => {
      const running = new Set<Promise<unknown>>()
      return {
        add(...given) {
          const call = toy.add(...given)
          running.add(call)
          return call
        },
        close: async () => {
          await Promise.allSettled(running)
          await toy.close()
        },
      }
    },
  },
  { case: 'concurrency/adds', fault: 'gathers all data in one buffer', says: /byte \d+ is/, breaks: oneBuffer },
  {
    case: 'concurrency/gets',
    fault: 'answers with the image that was asked for last',
    says: /byte 0 is|ended after|goes on/,
    breaks: (toy) => {
      let last = ''
      return {
        async get(location, options) {
          last = location
          await Promise.resolve()
          return toy.get(last, options)
        },
      }
    },
  },
  { case: 'concurrency/slow-readers', fault: 'serves one call at a time', says: /did not settle/, breaks: oneAtATime },
  { case: 'concurrency/slow-sources', fault: 'serves one call at a time', says: /did not settle/, breaks: oneAtATime },
]
