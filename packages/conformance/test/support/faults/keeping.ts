/** Toys that are wrong in what they keep and remove: `exclusive/`, `visibility/`, `delete/` and `discard/`. */
import { StoreError } from '@glance/core'
import { adding, asChunks, type Fault, gathered, passing } from '../breaking.ts'
import { abortable, type Break, backend, type Toy } from '../toy.ts'

/** Adds under the condition that nothing looks whether the id is taken. */
async function overwrite(
  toy: Toy,
  id: string,
  data: AsyncIterable<Uint8Array>,
  options: Parameters<Toy['add']>[2],
): ReturnType<Toy['add']> {
  const chunks: Uint8Array[] = []
  for await (const chunk of abortable(data, toy.begin(options))) chunks.push(new Uint8Array(chunk))
  const bytes = new Uint8Array(Buffer.concat(chunks))
  backend.set(toy.pathOf(id), bytes)
  return { location: toy.locationPrefixes[0] + id, size: bytes.byteLength, metadata: {} }
}

/** Writes under the final name while data come in. */
const inPlace = adding(async (toy, id, data, options) => {
  toy.assertFree(toy.pathOf(id))
  const chunks: Uint8Array[] = []
  for await (const chunk of abortable(data, toy.begin(options))) {
    chunks.push(new Uint8Array(chunk))
    backend.set(toy.pathOf(id), new Uint8Array(Buffer.concat(chunks)))
  }
  const bytes = new Uint8Array(Buffer.concat(chunks))
  backend.set(toy.pathOf(id), bytes)
  return { location: toy.locationPrefixes[0] + id, size: bytes.byteLength, metadata: {} }
})

/** Stores what has come when the source fails. */
const keepingPartial = passing(async function* (data) {
  try {
    yield* data
  } catch {
    // taken for the end
  }
})

/** Leaves something beside the image when an add fails. */
const littering = adding(async (toy, id, data, options) => {
  try {
    return await toy.add(id, data, options)
  } catch (error) {
    backend.set(`${toy.pathOf(id)}#part`, new Uint8Array(1))
    throw error
  }
})

/** Ids that were once begun stay taken. */
const reserving: Break = (toy) => {
  const begun = new Set<string>()
  return {
    async add(id, data, options) {
      if (begun.has(id)) throw new StoreError('ALREADY_EXISTS', 'that id was begun')
      begun.add(id)
      return toy.add(id, data, options)
    },
  }
}

/** Removes everything whose name begins with a path. */
function removeByPrefix(path: string): void {
  for (const each of [...backend.keys()]) if (each.startsWith(path)) backend.delete(each)
}

const already = (toy: Toy, id: string): boolean => backend.has(toy.pathOf(id))

export const faultsOfKeeping: readonly Fault[] = [
  { case: 'exclusive/second-add', fault: 'overwrites', says: /went well/, breaks: adding(overwrite) },
  {
    case: 'exclusive/second-add',
    fault: 'truncates what is there before it says no',
    says: /ended after 0 of 5000/,
    breaks: adding(async (toy, id, data, options) => {
      if (already(toy, id)) backend.set(toy.pathOf(id), new Uint8Array())
      return toy.add(id, data, options)
    }),
  },
  {
    case: 'exclusive/unknown-size',
    fault: 'overwrites when the size is unknown',
    says: /went well/,
    breaks: adding((toy, ...given) => (given[2].size === null ? overwrite(toy, ...given) : toy.add(...given))),
  },
  {
    case: 'exclusive/empty-second',
    fault: 'overwrites when the new image is empty',
    says: /went well/,
    breaks: adding((toy, ...given) => (given[2].size === 0 ? overwrite(toy, ...given) : toy.add(...given))),
  },
  {
    case: 'exclusive/empty-first',
    fault: 'takes an empty image for none',
    says: /went well/,
    breaks: adding((toy, ...given) => {
      const empty = backend.get(toy.pathOf(given[0]))?.byteLength === 0
      return empty ? overwrite(toy, ...given) : toy.add(...given)
    }),
  },
  {
    case: 'exclusive/at-once',
    fault: 'looks before the upload and not afterwards',
    says: /4 of 4 adds/,
    breaks: adding(async (toy, id, data, options) => {
      toy.assertFree(toy.pathOf(id))
      return overwrite(toy, id, data, options)
    }),
  },
  {
    case: 'exclusive/at-once',
    fault: 'lets nobody win',
    says: /0 of 4 adds/,
    breaks: (toy) => {
      const running = new Map<string, number>()
      return {
        async add(id, data, options) {
          running.set(id, (running.get(id) ?? 0) + 1)
          const bytes = await gathered(data)
          if ((running.get(id) ?? 0) > 1) throw new StoreError('ALREADY_EXISTS', 'somebody else adds it')
          return toy.add(id, asChunks(bytes), options)
        },
      }
    },
  },
  { case: 'exclusive/loser-leaves-nothing', fault: 'leaves the part of the loser', says: /#part/, breaks: littering },
  { case: 'exclusive/after-delete', fault: 'keeps ids taken for ever', says: /ALREADY_EXISTS/, breaks: reserving },
  { case: 'visibility/half-way', fault: 'writes under the final name', says: /went well/, breaks: inPlace },
  {
    case: 'visibility/all-bytes-given',
    fault: 'publishes when the announced bytes are there',
    says: /went well/,
    breaks: (toy) => ({
      async add(id, data, options) {
        const chunks: Uint8Array[] = []
        let total = 0
        for await (const chunk of abortable(data, toy.begin(options))) {
          chunks.push(new Uint8Array(chunk))
          total += chunk.byteLength
          if (total === options.size) backend.set(toy.pathOf(id), new Uint8Array(Buffer.concat(chunks)))
        }
        if (already(toy, id)) return { location: toy.locationPrefixes[0] + id, size: total, metadata: {} }
        return toy.add(id, asChunks(...chunks), options)
      },
    }),
  },
  {
    case: 'visibility/source-fails',
    fault: 'takes a failure for the end',
    says: /went well although/,
    breaks: keepingPartial,
  },
  {
    case: 'visibility/source-fails',
    fault: 'leaves the image under its name',
    says: /get of .* went well/,
    breaks: inPlace,
  },
  {
    case: 'visibility/source-fails',
    fault: 'keeps the id of a failed add taken',
    says: /ALREADY_EXISTS/,
    capabilities: { delete: false },
    breaks: reserving,
  },
  {
    case: 'visibility/source-fails-at-once',
    fault: 'creates the image before it asks for data, and leaves it',
    says: /get of .* went well/,
    breaks: adding(async (toy, id, data, options) => {
      toy.assertFree(toy.pathOf(id))
      backend.set(toy.pathOf(id), new Uint8Array())
      return overwrite(toy, id, data, options)
    }),
  },
  {
    case: 'visibility/source-fails-at-the-end',
    fault: 'stops asking when the announced bytes are there',
    says: /went well although/,
    breaks: passing(async function* (data, { size }) {
      let total = 0
      for await (const chunk of data) {
        total += chunk.byteLength
        yield chunk
        if (total === size) return
      }
    }),
  },
  { case: 'visibility/failure-leaves-nothing', fault: 'leaves its parts', says: /#part/, breaks: littering },
  { case: 'visibility/abort-leaves-nothing', fault: 'leaves its parts', says: /#part/, breaks: littering },
  {
    case: 'visibility/after-abort',
    fault: 'leaves the image under its name',
    says: /get of .* went well/,
    breaks: inPlace,
  },
  {
    case: 'visibility/after-abort',
    fault: 'says ABORTED and publishes nevertheless',
    says: /get of .* went well/,
    breaks: adding(async (toy, id, data, options) => {
      const added = await overwrite(toy, id, data, { ...options, signal: new AbortController().signal })
      toy.begin(options)
      return added
    }),
  },
  {
    case: 'delete/gone',
    fault: 'only says that it deletes',
    says: /get of .* went well/,
    breaks: () => ({ async delete() {} }),
  },
  {
    case: 'delete/twice',
    fault: 'says yes to everything',
    says: /went well/,
    breaks: (toy) => ({ delete: (location, options) => toy.delete(location, options).catch(() => {}) }),
  },
  {
    case: 'delete/at-once',
    fault: 'fails when somebody else was faster',
    says: /UNKNOWN/,
    breaks: (toy) => ({
      async delete(location) {
        toy.bytesAt(location)
        await Promise.resolve()
        if (!backend.delete(toy.pathAt(location))) throw new StoreError('UNKNOWN', 'gone meanwhile')
      },
    }),
  },
  {
    case: 'delete/others-stay',
    fault: 'removes by prefix',
    says: /NOT_FOUND/,
    breaks: (toy) => ({
      async delete(location) {
        toy.bytesAt(location)
        removeByPrefix(toy.pathAt(location))
      },
    }),
  },
  {
    case: 'delete/leaves-nothing',
    fault: 'leaves a side file',
    says: /#checksum/,
    breaks: adding(async (toy, id, data, options) => {
      backend.set(`${toy.pathOf(id)}#checksum`, new Uint8Array(1))
      return toy.add(id, data, options)
    }),
  },
  {
    case: 'delete/while-reading',
    fault: 'ends a reader as if the image were whole',
    says: /as if it were whole/,
    breaks: (toy) => ({
      async get(location, options) {
        const { size, body } = await toy.get(location, options)
        const path = toy.pathAt(location)
        const before = backend.get(path)
        const watched = async function* (): AsyncGenerator<Uint8Array, void, void> {
          for await (const chunk of body) {
            if (backend.get(path) !== before) return
            yield chunk
          }
        }
        return { size, body: watched() }
      },
    }),
  },
  {
    case: 'delete/while-reading',
    fault: 'goes on with the bytes of the next image of that id',
    says: /byte 50000 is/,
    breaks: (toy) => ({
      async get(location) {
        const size = toy.bytesAt(location).byteLength
        const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
          for (let at = 0; at < size; at += 50_000) yield toy.bytesAt(location).slice(at, at + 50_000)
        }
        return { size, body: body() }
      },
    }),
  },
  {
    case: 'discard/nothing',
    fault: 'fails when there is nothing',
    says: /NOT_FOUND/,
    breaks: (toy) => ({ discard: (id, options) => toy.delete(toy.locationPrefixes[0] + id, options) }),
  },
  { case: 'discard/whole', fault: 'does nothing', says: /went well/, breaks: () => ({ async discard() {} }) },
  {
    case: 'discard/others-stay',
    fault: 'removes by prefix',
    says: /NOT_FOUND/,
    breaks: (toy) => ({
      async discard(id) {
        removeByPrefix(toy.pathOf(id))
      },
    }),
  },
]
