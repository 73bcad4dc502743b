/** Many calls at once on one store. */
import type { Case } from '../case.ts'
import type { Lab } from '../lab.ts'
import { Source } from '../sources.ts'

const many = Array.from({ length: 16 }, (_, index) => index)

/** A size that lets sixteen images fit into memory and still has several chunks. */
function sizeOf(lab: Lab, index: number): number {
  return Math.min(200_000 + index * 1001, lab.maxBytes)
}

export const concurrencyCases: readonly Case[] = [
  {
    id: 'concurrency/adds',
    title: 'stores sixteen images at the same time',
    catches: 'a buffer, upload or session that calls share',
    needs: { add: true },
    async run(lab) {
      const images = many.map((index) => ({ id: lab.id(`n${index}`), data: lab.payload(sizeOf(lab, index)) }))
      const source = (index: number): Source =>
        new Source(images[index]?.data ?? lab.payload(0), { chunkBytes: 9_000 + index, reuse: true })
      const added = await Promise.all(images.map(({ id }, index) => lab.store.add(id, source(index))))
      for (const [index, { location }] of added.entries()) {
        const image = images[index]
        if (image) await lab.store.read(location, image.data)
      }
    },
  },
  {
    id: 'concurrency/gets',
    title: 'reads sixteen images at the same time',
    catches: 'answers that go to the wrong reader',
    needs: {},
    async run(lab) {
      const images = []
      for (const index of many) {
        const data = lab.payload(sizeOf(lab, index))
        images.push({ data, location: await lab.store.put(lab.id(`n${index}`), data) })
      }
      await Promise.all(images.map(({ data, location }) => lab.store.read(location, data)))
    },
  },
  {
    id: 'concurrency/slow-readers',
    title: 'goes on while readers take their time',
    catches: 'a lock held, or the last connection taken, as long as a slow download runs',
    needs: {},
    async run(lab) {
      const data = lab.payload(lab.severalMiB)
      const location = await lab.store.put(lab.id('slow'), data)
      const readers = []
      for (let count = 0; count < 8; count += 1) {
        const reader = await lab.store.reader(location)
        await reader.next()
        readers.push(reader)
      }
      await lab.store.read(location, data)
      const next = lab.payload(1000)
      await lab.store.read(await lab.store.put(lab.id('meanwhile'), next), next)
      for (const reader of readers) await reader.return()
    },
  },
  {
    id: 'concurrency/slow-sources',
    title: 'goes on while uploads wait for their data',
    catches: 'a queue in which one sleeping client holds up everybody',
    needs: { add: true },
    async run(lab) {
      const size = Math.min(100_000, lab.maxBytes)
      const slow = many.slice(0, 8).map((index) => {
        const source = new Source(lab.payload(size), { stallAt: Math.floor(size / 2) })
        return { source, adding: lab.store.driver.add(lab.id(`slow${index}`), source, calm(size)) }
      })
      for (const { adding } of slow) adding.catch(() => {})
      const begun = slow.map(({ source, adding }) => Promise.race([source.stalled, adding]))
      await lab.store.within('asking all sources for data', Promise.all(begun))
      const next = lab.payload(1000)
      await lab.store.read(await lab.store.put(lab.id('meanwhile'), next), next)
      for (const { source, adding } of slow) {
        source.resume()
        const { location } = await lab.store.within('add', adding)
        await lab.store.read(location, source.payload)
      }
    },
  },
]

function calm(size: number): { readonly size: number; readonly signal: AbortSignal } {
  return { size, signal: new AbortController().signal }
}
