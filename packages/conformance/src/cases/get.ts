/** Reading whole images. */
import { setTimeout as delay } from 'node:timers/promises'
import { Comparison, type Payload } from '../bytes.ts'
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import type { Lab } from '../lab.ts'

/** Puts one image of several MiB into the store. */
async function largeImage(lab: Lab): Promise<{ readonly data: Payload; readonly location: string }> {
  const data = lab.payload(lab.severalMiB)
  return { data, location: await lab.store.put(lab.id('large'), data) }
}

export const getCases: readonly Case[] = [
  {
    id: 'get/whole',
    title: 'gives back the bytes that were stored',
    catches: 'bytes changed on the way: decoding, line ends, a block read twice',
    needs: {},
    async run(lab) {
      const { data, location } = await largeImage(lab)
      await lab.store.read(location, data)
    },
  },
  {
    id: 'get/empty',
    title: 'gives an empty body for an empty image',
    catches: 'a range of 0 to -1, or no answer because there is no first chunk (LP 1805332, 1863691)',
    needs: {},
    async run(lab) {
      const data = lab.payload(0)
      await lab.store.read(await lab.store.put(lab.id('empty'), data), data)
    },
  },
  {
    id: 'get/size',
    title: 'announces exactly the number of bytes that the body gives, or null',
    catches: 'sizes as text, 0 for unknown, or the size of the whole for a part',
    needs: {},
    async run(lab) {
      const data = lab.payload(Math.min(70_001, lab.maxBytes))
      const { size } = await lab.store.get(await lab.store.put(lab.id('size'), data))
      must(size === null || size === data.size, `get announced ${JSON.stringify(size)} for ${data.size} bytes`)
    },
  },
  {
    id: 'get/chunk-type',
    title: 'gives chunks of bytes',
    catches: 'texts, ArrayBuffers or words, which a server cannot send on',
    needs: {},
    async run(lab) {
      const { location } = await largeImage(lab)
      const reader = await lab.store.reader(location)
      for (let chunk: unknown = await reader.next(); chunk !== null; chunk = await reader.next())
        must(chunk instanceof Uint8Array, `a chunk is ${Object.prototype.toString.call(chunk)}`)
    },
  },
  {
    id: 'get/again',
    title: 'gives the same bytes each time, whatever a reader did with its chunks',
    catches: "chunks that are the driver's own memory (a cache), which a reader changes for everybody after it",
    needs: {},
    async run(lab) {
      const data = lab.payload(Math.min(200_000, lab.maxBytes))
      const location = await lab.store.put(lab.id('again'), data)
      const reader = await lab.store.reader(location)
      for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) chunk.fill(0xcc)
      await lab.store.read(location, data)
    },
  },
  {
    id: 'get/chunk-stays',
    title: 'leaves a chunk alone until the next one is asked for',
    catches: 'reading ahead into the buffer that the reader still works on',
    needs: {},
    async run(lab) {
      const { data, location } = await largeImage(lab)
      const comparison = new Comparison(data)
      const reader = await lab.store.reader(location)
      for (let count = 0; count < 4; count += 1) {
        const chunk = await reader.next()
        if (chunk === null) break
        await delay(5)
        comparison.push(chunk)
      }
      await reader.return()
    },
  },
  {
    id: 'get/two-readers',
    title: 'serves two readers of one image that take turns',
    catches: 'a position or buffer that all readers share',
    needs: {},
    async run(lab) {
      const { data, location } = await largeImage(lab)
      const readers = [await lab.store.reader(location), await lab.store.reader(location)]
      const open = new Map(readers.map((reader) => [reader, new Comparison(data)]))
      while (open.size > 0) {
        for (const [reader, comparison] of [...open]) {
          const chunk = await reader.next()
          if (chunk) comparison.push(chunk)
          else {
            comparison.end()
            open.delete(reader)
          }
        }
      }
    },
  },
  {
    id: 'get/early-return',
    title: 'frees everything when a body is left early, many times over',
    catches: 'connections or file handles that stay open when a download is broken off, until none is left',
    needs: {},
    async run(lab) {
      const { data, location } = await largeImage(lab)
      for (let count = 0; count < 40; count += 1) {
        const reader = await lab.store.reader(location)
        await reader.next()
        await reader.return()
        const after = await reader.next()
        must(after === null, 'a body that was left with return() gave another chunk')
      }
      await lab.store.read(location, data)
    },
  },
  {
    id: 'get/unread-return',
    title: 'frees everything when a body is left before its first chunk, many times over',
    catches:
      'an async generator as the body: its `finally` does not run when `return()` comes before the first `next()`',
    needs: {},
    async run(lab) {
      const { data, location } = await largeImage(lab)
      for (let count = 0; count < 40; count += 1) {
        const reader = await lab.store.reader(location)
        await reader.return()
      }
      await lab.store.read(location, data)
    },
  },
  {
    id: 'get/missing',
    title: 'rejects with NOT_FOUND when there is nothing at a location',
    catches: 'an empty body instead of an error, or an error only after the answer to the user has begun',
    needs: {},
    async run(lab) {
      const location = await lab.store.missing(lab.id('missing'), lab.payload(100))
      await lab.store.refused('get of what is not there', ['NOT_FOUND'], lab.store.get(location))
    },
  },
]
