/** Toys that are wrong when they read: `get/`, `range/` and `size/`. */
import { StoreError } from '@glance/core'
import { asking, type Fault, giving, never } from '../breaking.ts'
import { type Break, pieces, type Toy } from '../toy.ts'

type Body = AsyncIterable<Uint8Array>

const stillOpen = (): AbortSignal => new AbortController().signal

/** A body of the toy with a stage behind it. */
const staged = (stage: (body: Body) => Body): Break => giving(({ body }) => ({ body: stage(body) }))

/** One position for all readers of a store. */
function sharedPosition(toy: Toy): ReturnType<Break> {
  let at = 0
  return {
    async get(location, options) {
      const bytes = toy.bytesAt(location)
      at = options.offset
      const end = Math.min(bytes.byteLength, options.offset + (options.length ?? bytes.byteLength))
      const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
        while (at < end) {
          const from = at
          at = Math.min(end, at + 10_000)
          await Promise.resolve()
          yield bytes.slice(from, at)
        }
      }
      return { size: Math.max(0, end - Math.min(options.offset, end)), body: body() }
    },
  }
}

/** At most so many bodies may be open; one that is left early stays open, or is freed in its own `finally`. */
const leaking =
  (most: number, { untilReturned = false }: { untilReturned?: boolean } = {}): Break =>
  (toy) => {
    let open = 0
    return {
      async get(location, options) {
        if (open >= most) return never()
        const bytes = toy.bytesAt(location)
        open += 1
        const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
          let ended = false
          try {
            yield* pieces(bytes, options.signal)
            ended = true
          } finally {
            if (ended || untilReturned) open -= 1
          }
        }
        return { size: bytes.byteLength, body: body() }
      },
    }
  }

export const faultsOfReading: readonly Fault[] = [
  {
    case: 'get/whole',
    fault: 'changes a byte of the last chunk',
    says: /byte 2100000 is/,
    breaks: staged(async function* (body) {
      let at = 0
      for await (const chunk of body) {
        if (at === 2_100_000) chunk[0] = (chunk[0] ?? 0) ^ 1
        at += chunk.byteLength
        yield chunk
      }
    }),
  },
  {
    case: 'get/whole',
    fault: 'ends early as if the image were whole',
    says: /as if it were whole/,
    breaks: staged(async function* (body) {
      let at = 0
      for await (const chunk of body) {
        if (at >= 2_000_000) return
        at += chunk.byteLength
        yield chunk
      }
    }),
  },
  {
    case: 'get/empty',
    fault: 'asks for the bytes 0 to -1',
    says: /UNKNOWN/,
    breaks: giving(({ size }) => {
      if (size === 0) throw new StoreError('UNKNOWN', 'range not satisfiable')
      return {}
    }),
  },
  {
    case: 'get/size',
    fault: 'announces a text',
    says: /announced "70001"/,
    breaks: giving(({ size }) => ({ size: String(size) })),
  },
  { case: 'get/size', fault: 'announces 0 for unknown', says: /announced 0/, breaks: giving(() => ({ size: 0 })) },
  {
    case: 'get/chunk-type',
    fault: 'gives ArrayBuffers',
    says: /object ArrayBuffer/,
    breaks: staged(async function* (body) {
      for await (const chunk of body) yield chunk.buffer as never
    }),
  },
  {
    case: 'get/again',
    fault: 'gives its own memory to readers',
    says: /is 204 instead of/,
    breaks: (toy) => ({
      async get(location) {
        const bytes = toy.bytesAt(location)
        const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
          yield bytes
        }
        return { size: bytes.byteLength, body: body() }
      },
    }),
  },
  {
    case: 'get/chunk-stays',
    fault: 'reads ahead into the buffer that the reader has',
    says: /byte \d+ is/,
    breaks: staged(async function* (body) {
      const buffer = new Uint8Array(50_000)
      const source = body[Symbol.asyncIterator]()
      let step = await source.next()
      while (!step.done) {
        buffer.set(step.value)
        const length = step.value.byteLength
        const ahead = source.next().then((next) => {
          if (!next.done) setTimeout(() => buffer.set(next.value), 1)
          return next
        })
        yield buffer.subarray(0, length)
        step = await ahead
      }
    }),
  },
  { case: 'get/two-readers', fault: 'has one position for all readers', says: /byte \d+ is/, breaks: sharedPosition },
  { case: 'get/early-return', fault: 'keeps what early readers had open', says: /did not settle/, breaks: leaking(30) },
  {
    case: 'get/early-return',
    fault: 'gives chunks after it was told to stop',
    says: /another chunk/,
    breaks: giving(({ body }) => ({
      body: {
        [Symbol.asyncIterator]() {
          const source = body[Symbol.asyncIterator]()
          return { next: () => source.next(), return: async () => ({ done: true, value: undefined }) }
        },
      },
    })),
  },
  {
    case: 'get/unread-return',
    fault: 'frees a body in the finally of a generator that has not begun',
    says: /did not settle/,
    breaks: leaking(30, { untilReturned: true }),
  },
  {
    case: 'get/missing',
    fault: 'gives an empty body when there is nothing',
    says: /went well/,
    breaks: (toy) => ({
      get: (location, options) =>
        toy.get(location, options).catch(() => ({ size: 0, body: pieces(new Uint8Array(), stillOpen()) })),
    }),
  },
  {
    case: 'get/missing',
    fault: 'notices only in the body that there is nothing',
    says: /went well/,
    breaks: (toy) => ({
      async get(location, options) {
        const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
          yield* (await toy.get(location, options)).body
        }
        return { size: null, body: body() }
      },
    }),
  },
  {
    case: 'range/offset',
    fault: 'rounds offsets to blocks',
    says: /byte 1 is/,
    breaks: asking(({ offset }) => ({ offset: offset - (offset % 512) })),
  },
  {
    case: 'range/length',
    fault: 'takes the length for the size of a buffer',
    says: /goes on after the 1 bytes/,
    breaks: asking(() => ({ length: null })),
  },
  {
    case: 'range/middle',
    fault: 'counts the length from the beginning of the image',
    says: /ended after 1 of 2/,
    breaks: asking(({ offset, length }) => ({ length: length === null ? null : Math.max(0, length - offset) })),
  },
  {
    case: 'range/zero-length',
    fault: 'takes length 0 for no length',
    says: /goes on after the 0 bytes/,
    breaks: asking(({ length }) => ({ length: length || null })),
  },
  {
    case: 'range/exact-end',
    fault: 'counts the end as included',
    says: /ended after/,
    breaks: asking(({ offset, length }, size) =>
      length !== null && offset + length === size ? { length: length - 1 } : {},
    ),
  },
  {
    case: 'range/last-byte',
    fault: 'gives nothing for the last byte',
    says: /ended after 0 of 1/,
    breaks: asking(({ offset }, size) => (offset === size - 1 ? { length: 0 } : {})),
  },
  {
    case: 'range/over-the-end',
    fault: 'announces as many bytes as were asked for',
    says: /size of the answer is 300002/,
    breaks: giving(({ size }, { length }) => ({ size: length ?? size })),
  },
  {
    case: 'range/past-the-end',
    fault: 'fails with the status of the backend',
    says: /UNKNOWN/,
    breaks: asking(({ offset }, size) => {
      if (size > 0 && offset >= size) throw new StoreError('UNKNOWN', 'status 416')
      return {}
    }),
  },
  {
    case: 'range/past-the-end',
    fault: 'announces a negative size',
    says: /size of the answer is -1/,
    breaks: (toy) => ({
      async get(location, options) {
        const image = await toy.get(location, options)
        const whole = toy.bytesAt(location).byteLength
        return options.offset > whole ? { ...image, size: whole - options.offset } : image
      },
    }),
  },
  {
    case: 'range/empty-image',
    fault: 'asks for a part of nothing',
    says: /UNKNOWN/,
    breaks: asking(({ offset, length }, size) => {
      if (size === 0 && (offset > 0 || length !== null)) throw new StoreError('UNKNOWN', 'status 416')
      return {}
    }),
  },
  {
    case: 'range/at-once',
    fault: 'has one position for all readers',
    says: /byte \d+ is|ended after/,
    breaks: sharedPosition,
  },
  {
    case: 'size/exact',
    fault: 'tells the size of the allocation',
    says: /answered 70144/,
    breaks: (toy) => ({
      getSize: async (location, options) => Math.ceil(((await toy.getSize(location, options)) ?? 0) / 512) * 512,
    }),
  },
  {
    case: 'size/empty',
    fault: 'takes size 0 for unknown',
    says: /answered 1 for one byte and null/,
    breaks: (toy) => ({ getSize: async (location, options) => (await toy.getSize(location, options)) || null }),
  },
  {
    case: 'size/missing',
    fault: 'answers 0 in case of trouble',
    says: /went well/,
    breaks: (toy) => ({ getSize: (location, options) => toy.getSize(location, options).catch(() => 0) }),
  },
]
