/** Asking for the size without reading. */
import type { Case } from '../case.ts'
import { must } from '../finding.ts'

export const sizeCases: readonly Case[] = [
  {
    id: 'size/exact',
    title: 'tells the exact size, or null when it cannot',
    catches: 'the size of the allocation (sectors, GiB) instead of the size of the data',
    needs: {},
    async run(lab) {
      const data = lab.payload(Math.min(70_001, lab.maxBytes))
      const size = await lab.store.getSize(await lab.store.put(lab.id('size'), data))
      must(size === null || size === data.size, `getSize answered ${JSON.stringify(size)} for ${data.size} bytes`)
    },
  },
  {
    id: 'size/empty',
    title: 'tells 0 for an empty image when it tells sizes at all',
    catches: 'a size of 0 that is taken for an unknown one',
    needs: {},
    async run(lab) {
      const ofOne = await lab.store.getSize(await lab.store.put(lab.id('one'), lab.payload(1)))
      const ofNone = await lab.store.getSize(await lab.store.put(lab.id('none'), lab.payload(0)))
      must(ofNone === (ofOne === null ? null : 0), `getSize answered ${ofOne} for one byte and ${ofNone} for none`)
    },
  },
  {
    id: 'size/missing',
    title: 'rejects with NOT_FOUND when there is nothing at a location',
    catches: 'size 0 in case of trouble, as some drivers of glance_store answer',
    needs: {},
    async run(lab) {
      const location = await lab.store.missing(lab.id('missing'), lab.payload(100))
      await lab.store.refused('getSize of what is not there', ['NOT_FOUND'], lab.store.getSize(location))
    },
  },
]
