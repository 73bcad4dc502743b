/** Toys that are wrong when they add: one or more for each case of `add/` and `chunks/`. */
import { StoreError } from '@glance/core'
import { adding, answering, asChunks, type Fault, gathered, passing, storing } from '../breaking.ts'
import { backend } from '../toy.ts'

const refuseSharedMemory = (chunk: Uint8Array): Uint8Array => {
  if (chunk.buffer instanceof SharedArrayBuffer) throw new TypeError('shared memory is not allowed')
  return chunk
}

async function* mapped(
  data: AsyncIterable<Uint8Array>,
  change: (chunk: Uint8Array) => Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of data) yield change(chunk)
}

/** Gathers chunks without copying them, and passes them on when there are enough. */
async function* keptByReference(data: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array, void, void> {
  let kept: Uint8Array[] = []
  for await (const chunk of data) {
    kept.push(chunk)
    if (kept.length < most) continue
    yield* kept
    kept = []
  }
  yield* kept
}

export const faultsOfAdding: readonly Fault[] = [
  {
    case: 'add/empty',
    fault: 'takes size 0 for an unknown one and refuses to guess',
    says: /UNKNOWN/,
    breaks: adding(async (toy, id, data, options) => {
      if (options.size === 0) throw new StoreError('UNKNOWN', 'no size')
      return toy.add(id, data, options)
    }),
  },
  {
    case: 'add/one-byte',
    fault: 'drops a part of one byte',
    says: /ended after 0 of 1/,
    breaks: storing((bytes) => (bytes.byteLength === 1 ? Buffer.alloc(0) : bytes)),
  },
  {
    case: 'add/odd-size',
    fault: 'pads to sectors',
    says: /goes on after the 513 bytes/,
    breaks: storing((bytes) => Buffer.concat([bytes], Math.ceil(bytes.byteLength / 512) * 512)),
  },
  {
    case: 'add/around-64-kib',
    fault: 'loses the byte at the border of a buffer',
    says: /ended after 65536 of 65537/,
    breaks: storing((bytes) => (bytes.byteLength === 65_537 ? bytes.subarray(0, 65_536) : bytes)),
  },
  {
    case: 'add/around-1-mib',
    fault: 'stores no last part when the parts come out even',
    says: /ended after 0 of 1048576/,
    breaks: storing((bytes) => (bytes.byteLength === 1_048_576 ? Buffer.alloc(0) : bytes)),
  },
  {
    case: 'add/several-mib',
    fault: 'changes the order of the first two parts',
    says: /byte 0 is/,
    breaks: storing((bytes) =>
      bytes.byteLength < 2_000_000
        ? bytes
        : Buffer.concat([bytes.subarray(500_000, 1_000_000), bytes.subarray(0, 500_000), bytes.subarray(1_000_000)]),
    ),
  },
  {
    case: 'add/unknown-size',
    fault: 'cuts data of unknown size off at 64 KiB',
    says: /ended after 65536 of 70001/,
    breaks: storing((bytes, { size }) => (size === null ? bytes.subarray(0, 65_536) : bytes)),
  },
  {
    case: 'add/unknown-empty',
    fault: 'completes an upload without parts',
    says: /UNKNOWN/,
    breaks: adding(async (toy, id, data, options) => {
      const bytes = await gathered(data)
      if (options.size === null && bytes.byteLength === 0) throw new StoreError('UNKNOWN', 'no parts')
      return toy.add(id, asChunks(bytes), options)
    }),
  },
  {
    case: 'add/tiny-chunks',
    fault: 'drops what does not fill a block of 4 bytes',
    says: /byte 0 is/,
    breaks: passing(async function* (data) {
      for await (const chunk of data) if (chunk.byteLength >= 4) yield chunk
    }),
  },
  {
    case: 'add/large-chunk',
    fault: 'writes at most 1 MiB of a chunk',
    says: /ended after 1048576 of/,
    breaks: passing((data) => mapped(data, (chunk) => chunk.subarray(0, 1_048_576))),
  },
  {
    case: 'add/zeros',
    fault: 'leaves out the hole at the end',
    says: /ended after 393216 of 524288/,
    breaks: storing((bytes) => bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1)),
  },
  {
    case: 'add/reports-size',
    fault: 'answers with the announced size',
    says: /size 0 for 20001/,
    breaks: answering((_, { size }) => ({ size: size ?? 0 })),
  },
  {
    case: 'add/reads-once',
    fault: 'counts the bytes in a pass of its own',
    says: /asked for them again/,
    breaks: adding(async (toy, id, data, options) => {
      for await (const _ of data);
      return toy.add(id, data, options)
    }),
  },
  {
    case: 'add/reads-once',
    fault: 'stops asking when it has the announced bytes',
    says: /without asking for the end/,
    breaks: adding(async (toy, id, data, options) => {
      const source = data[Symbol.asyncIterator]()
      const chunks: Uint8Array[] = []
      for (let total = 0; total < (options.size ?? 0); ) {
        const { value } = await source.next()
        if (!value) break
        chunks.push(value)
        total += value.byteLength
      }
      return toy.add(id, asChunks(...chunks), options)
    }),
  },
  {
    case: 'add/metadata',
    fault: 'puts a number into the metadata',
    says: /something else/,
    breaks: answering(() => ({ metadata: { share: { generation: 3 } } })),
  },
  {
    case: 'add/metadata',
    fault: 'answers without metadata',
    says: /no object/,
    breaks: answering(() => ({ metadata: null })),
  },
  {
    case: 'add/location-form',
    fault: 'answers with a path',
    says: /INVALID_LOCATION/,
    breaks: answering(({ location }) => ({ location: location.replace('toy:/', '') })),
  },
  {
    case: 'add/location-form',
    fault: 'answers with a scheme it does not read',
    says: /scheme toy\+tls is none/,
    breaks: answering(({ location }) => ({ location: location.replace('toy', 'toy+tls') })),
  },
  {
    case: 'add/location-prefix',
    fault: 'names its host differently in locations',
    says: /begins with none/,
    breaks: answering(({ location }) => ({ location: location.replace('host', 'host:80') })),
  },
  {
    case: 'add/location-secret',
    fault: 'puts the password into the query of a location',
    says: /value of a secret option/,
    breaks: answering(({ location }) => ({ location: `${location}?password=open%20sesame` })),
  },
  {
    case: 'add/location-secret',
    fault: 'puts user and password before the host',
    says: /a user and a password/,
    breaks: answering(({ location }) => ({ location: location.replace('//', '//me:word@') })),
  },
  {
    case: 'add/longest-id',
    fault: 'has no room for a suffix behind the id',
    says: /ENAMETOOLONG/,
    breaks: adding(async (toy, id, data, options) => {
      if (id.length > 250) throw Object.assign(new Error('name too long'), { code: 'ENAMETOOLONG' })
      return toy.add(id, data, options)
    }),
  },
  {
    case: 'add/similar-ids',
    fault: 'folds ids to lower case',
    says: /ALREADY_EXISTS/,
    breaks: adding((toy, id, data, options) => toy.add(id.toLowerCase(), data, options)),
  },
  {
    case: 'add/durable',
    fault: 'loses its data when it is closed',
    says: /NOT_FOUND/,
    breaks: (toy) => ({
      async close() {
        for (const path of toy.paths()) backend.delete(path)
        await toy.close()
      },
    }),
  },
  {
    case: 'add/volatile',
    fault: 'finds data of whatever image at a location that it has forgotten',
    says: /went well/,
    volatile: true,
    breaks: (toy) => ({
      async get(location, options) {
        const [path = ''] = toy.paths()
        return toy.get(location.startsWith(toy.locationPrefixes[0] ?? ' ') ? location : `toy://host${path}`, options)
      },
    }),
  },
  {
    case: 'chunks/reused',
    fault: 'keeps chunks by reference until it has four',
    says: /is 221 instead of/,
    breaks: passing((data) => keptByReference(data, 4)),
  },
  {
    case: 'chunks/reused',
    fault: 'keeps the last chunk by reference until the end is there',
    says: /is 221 instead of/,
    breaks: passing(async function* (data) {
      let last: Uint8Array | null = null
      let index = 0
      for await (const chunk of data) {
        if (last) yield last
        index += 1
        last = index < 10 ? new Uint8Array(chunk) : chunk
      }
      if (last) yield last
    }),
  },
  {
    case: 'chunks/shared',
    fault: 'hands chunks to something that refuses shared memory',
    says: /TypeError/,
    breaks: passing((data) => mapped(data, refuseSharedMemory)),
  },
  {
    case: 'chunks/window',
    fault: 'takes the whole buffer of a chunk',
    says: /byte 0 is 238/,
    breaks: passing((data) => mapped(data, (chunk) => new Uint8Array(chunk.buffer))),
  },
]
