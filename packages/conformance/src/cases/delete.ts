/** Removing image data, and everything the driver keeps for them, and nothing else. */
import { isStoreError } from '@glance/core'
import { outcomeOf } from '../bounded.ts'
import { Comparison } from '../bytes.ts'
import type { Case } from '../case.ts'
import { Finding, inWords, must } from '../finding.ts'

const needs = { add: true, delete: true } as const

export const deleteCases: readonly Case[] = [
  {
    id: 'delete/gone',
    title: 'removes the data',
    catches: 'an image that is only unlisted and can still be read by its location',
    needs,
    async run(lab) {
      const { location } = await lab.store.add(lab.id('gone'), lab.payload(1000))
      await lab.store.delete(location)
      await lab.store.hasNothingAt(location)
    },
  },
  {
    id: 'delete/twice',
    title: 'rejects a second delete with NOT_FOUND',
    catches: 'a delete that says yes to everything, so that a lost image is never noticed',
    needs,
    async run(lab) {
      const { location } = await lab.store.add(lab.id('twice'), lab.payload(1000))
      await lab.store.delete(location)
      await lab.store.refused('a second delete', ['NOT_FOUND'], lab.store.delete(location))
    },
  },
  {
    id: 'delete/at-once',
    title: 'ends each of several deletes at the same time well or with NOT_FOUND',
    catches: 'an error of the backend for the slower one, which an operator then looks into for nothing',
    needs,
    async run(lab) {
      const { location } = await lab.store.add(lab.id('race'), lab.payload(1000))
      const ends = await Promise.all([1, 2, 3].map(() => outcomeOf(lab.store.delete(location))))
      must(
        ends.some(({ ok }) => ok),
        'none of several deletes at the same time succeeded',
      )
      for (const { error } of ends.filter(({ ok }) => !ok)) {
        const right = isStoreError(error) && error.code === 'NOT_FOUND'
        must(right, `one of several deletes was rejected with ${inWords(error)}`)
      }
    },
  },
  {
    id: 'delete/others-stay',
    title: 'leaves images alone whose ids begin with the same characters',
    catches: 'segments removed by a prefix that other images share',
    needs,
    async run(lab) {
      const stem = lab.id('s')
      const others = [`${stem}-`, `${stem}-00001`, `${stem}.1`, `${stem}x`]
      const data = lab.payload(1000)
      const { location } = await lab.store.add(stem, lab.payload(1000))
      const stored = []
      for (const id of others) stored.push((await lab.store.add(id, data)).location)
      await lab.store.delete(location)
      for (const each of stored) await lab.store.read(each, data)
    },
  },
  {
    id: 'delete/leaves-nothing',
    title: 'leaves nothing in the backend',
    catches: 'segments, snapshots or side files that outlive their image',
    needs: { ...needs, leftovers: true },
    async run(lab) {
      for (const size of [lab.severalMiB, 0]) {
        const { location } = await lab.store.add(lab.id(`of-${size}`), lab.payload(size), { size: null })
        await lab.store.delete(location)
      }
      const names = await lab.store.leftovers()
      must(names.length === 0, `the backend still holds ${names.join(', ')}`)
    },
  },
  {
    id: 'delete/while-reading',
    title: 'lets a reader go on with the right bytes, or ends it with NOT_FOUND',
    catches: 'a download that ends early as if it were whole, or goes on with the bytes of another image',
    needs,
    async run(lab) {
      const { store } = lab
      const data = lab.payload(lab.severalMiB)
      const id = lab.id('reading')
      const { location } = await store.add(id, data)
      const comparison = new Comparison(data)
      const reader = await store.reader(location)
      const first = await reader.next()
      if (first) comparison.push(first)
      const deleted = await outcomeOf(store.delete(location))
      if (deleted.ok) await store.add(id, lab.payload(data.size))
      else must(isStoreError(deleted.error) && deleted.error.code === 'IN_USE', `delete: ${inWords(deleted.error)}`)
      try {
        for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) comparison.push(chunk)
      } catch (error) {
        if (error instanceof Finding) throw error
        const right = deleted.ok && isStoreError(error) && error.code === 'NOT_FOUND'
        must(right, `the reader of a deleted image got ${inWords(error)}`)
        return
      }
      comparison.end()
    },
  },
]
