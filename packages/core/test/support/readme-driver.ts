import { type AddResult, defineDriver, optionTable, type StoreDriver, StoreError, text } from '@glance/core'

export default defineDriver({
  name: 'shelf',
  schemes: ['shelf'],
  options: optionTable({ room: text({ default: 'attic', help: 'Room in which the shelf stands.' }) }),
  async open({ room }): Promise<StoreDriver> {
    const shelf = new Map<string, Uint8Array>()
    const find = (location: string): Uint8Array => {
      const bytes = shelf.get(location)
      if (!bytes) throw new StoreError('NOT_FOUND', `nothing of that name in the ${room}`)
      return bytes
    }
    return {
      capabilities: { add: true, delete: true, randomRead: true, setAcls: false, maxImageBytes: 2 ** 20 },
      locationPrefixes: [`shelf://${room}/`],
      async add(imageId, data, { signal }): Promise<AddResult> {
        const location = `shelf://${room}/${imageId}`
        const chunks: Uint8Array[] = []
        // A chunk's memory is used again, so what is kept is copied.
        for await (const chunk of data) chunks.push(Uint8Array.from(chunk))
        if (signal.aborted) throw new StoreError('ABORTED', 'the add was aborted', { cause: signal.reason })
        if (shelf.has(location)) throw new StoreError('ALREADY_EXISTS', `${imageId} is on the shelf`)
        const bytes = Buffer.concat(chunks)
        shelf.set(location, bytes)
        return { location, size: bytes.byteLength, metadata: {} }
      },
      async get(location, { offset, length }) {
        const part = find(location).subarray(offset, length === null ? undefined : offset + length)
        return {
          size: part.byteLength,
          body: (async function* () {
            if (part.byteLength > 0) yield part
          })(),
        }
      },
      getSize: async (location) => find(location).byteLength,
      delete: async (location) => void (find(location) && shelf.delete(location)),
      close: async () => shelf.clear(),
    }
  },
})
