/** Copies within the backend, for stores that declare them. */
import type { AddResult, CopySource } from '@glance/core'
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import type { Lab } from '../lab.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

function copy(store: StoreUnderTest, imageId: string, source: CopySource): Promise<AddResult | null> {
  const { driver } = store
  must(driver.copy !== undefined, 'copy is declared and there is no such method')
  return store.within('copy', driver.copy(imageId, source, { signal: new AbortController().signal }))
}

async function copied(lab: Lab, size: number): Promise<void> {
  const data = lab.payload(Math.min(size, lab.maxBytes))
  const id = lab.id('copied')
  const other = await lab.openOther()
  const location = await lab.store.put(id, data)
  const result = await copy(other, id, { location, size: data.size })
  must(result !== null, 'a store with other options of the same harness cannot be copied from')
  must(result.size === data.size, `the copy is said to have ${result.size} bytes of ${data.size}`)
  must(result.location !== location, 'the copy has the location of what it was copied from')
  await lab.store.delete(location)
  await other.read(result.location, data)
  await other.delete(result.location)
  await other.hasNothingAt(result.location)
}

const needs = { copy: true, add: true, delete: true } as const

export const copyCases: readonly Case[] = [
  {
    id: 'copy/small',
    title: 'copies an image from another store, which stays when the other one is deleted',
    catches: 'a copy that is a reference, or that lies in the store it came from',
    needs,
    run: (lab) => copied(lab, 1_001),
  },
  {
    id: 'copy/several-mib',
    title: 'copies an image of several MiB',
    catches: 'a large object whose manifest is copied and whose parts are not',
    needs,
    run: (lab) => copied(lab, lab.severalMiB),
  },
  {
    id: 'copy/empty',
    title: 'copies an empty image',
    catches: 'a range of no bytes',
    needs,
    run: (lab) => copied(lab, 0),
  },
  {
    id: 'copy/taken',
    title: 'rejects with ALREADY_EXISTS when the id is taken, and keeps what is there',
    catches: 'a copy that writes over an image',
    needs,
    async run(lab) {
      const data = lab.payload(500)
      const kept = lab.payload(700)
      const id = lab.id('taken')
      const other = await lab.openOther()
      const location = await lab.store.put(id, data)
      const { location: there } = await other.add(id, kept)
      await other.refused('copy', ['ALREADY_EXISTS'], copy(other, id, { location, size: data.size }))
      await other.read(there, kept)
    },
  },
  {
    id: 'copy/missing',
    title: 'rejects with NOT_FOUND when there is nothing to copy, and leaves nothing',
    catches: 'an empty image made of nothing',
    needs,
    async run(lab) {
      const location = await lab.store.missing(lab.id('missing'), lab.payload(100))
      const other = await lab.openOther()
      await other.refused('copy', ['NOT_FOUND'], copy(other, lab.id('missing-copy'), { location, size: 100 }))
      must((await other.leftovers()).length === 0, 'a copy of nothing left something behind')
    },
  },
]
