/** One id, one image: of several adds one wins, and what was there stays. */
import { setTimeout as delay } from 'node:timers/promises'
import { isStoreError } from '@glance/core'
import { outcomeOf } from '../bounded.ts'
import type { Case } from '../case.ts'
import { inWords, must } from '../finding.ts'
import { Source } from '../sources.ts'

/** Longest wait for all rivals to have data under way; a driver that lets one wait for the other never gets there. */
const graceMs = 200

export const exclusiveCases: readonly Case[] = [
  {
    id: 'exclusive/second-add',
    title: 'refuses a second add of an id with ALREADY_EXISTS and keeps the first bytes',
    catches: 'an upload that replaces the image of somebody else, or truncates it before it notices',
    needs: { add: true },
    async run(lab) {
      const { store } = lab
      const [first, second] = [lab.payload(5000), lab.payload(6000)]
      const id = lab.id('taken')
      const { location } = await store.add(id, first)
      await store.refused('a second add', ['ALREADY_EXISTS'], store.add(id, second))
      await store.read(location, first)
    },
  },
  {
    id: 'exclusive/unknown-size',
    title: 'refuses a second add of an id whose size is not announced',
    catches: 'a way for unknown sizes (parts, segments) that forgets the check of the short way',
    needs: { add: true },
    async run(lab) {
      const { store } = lab
      const [first, second] = [lab.payload(5000), lab.payload(6000)]
      const id = lab.id('taken')
      const { location } = await store.add(id, first, { size: null })
      await store.refused('a second add', ['ALREADY_EXISTS'], store.add(id, second, { size: null }))
      await store.read(location, first)
    },
  },
  {
    id: 'exclusive/empty-second',
    title: 'refuses a second add of an id with no bytes at all',
    catches: 'a way for empty images that overwrites',
    needs: { add: true },
    async run(lab) {
      const { store } = lab
      const first = lab.payload(5000)
      const id = lab.id('taken')
      const { location } = await store.add(id, first)
      await store.refused('an empty second add', ['ALREADY_EXISTS'], store.add(id, lab.payload(0)))
      await store.read(location, first)
    },
  },
  {
    id: 'exclusive/empty-first',
    title: 'refuses a second add of an id whose image is empty',
    catches: 'an empty image taken for an absent one',
    needs: { add: true },
    async run(lab) {
      const { store } = lab
      const first = lab.payload(0)
      const id = lab.id('taken')
      const { location } = await store.add(id, first)
      await store.refused('a second add', ['ALREADY_EXISTS'], store.add(id, lab.payload(10)))
      await store.read(location, first)
    },
  },
  {
    id: 'exclusive/at-once',
    title: 'lets exactly one of several adds of an id win that run at the same time',
    catches: 'a look before the upload instead of a check when it is published: the last one overwrites the first',
    needs: { add: true },
    async run(lab) {
      const { store } = lab
      const id = lab.id('race')
      const size = Math.min(200_000, lab.maxBytes)
      const sources = [0, 1, 2, 3].map(() => new Source(lab.payload(size), { stallAt: Math.floor(size / 2) }))
      const adds = sources.map((source) => outcomeOf(store.add(id, source)))
      const underWay = sources.map((source, index) => Promise.race([source.stalled, adds[index]]))
      await Promise.race([Promise.all(underWay), delay(graceMs)])
      for (const source of sources) source.resume()
      const ends = await Promise.all(adds)
      const winners = ends.flatMap((end, index) => (end.ok ? [{ location: end.value.location, index }] : []))
      must(winners.length === 1, `${winners.length} of ${ends.length} adds of one id succeeded`)
      for (const { error } of ends.filter(({ ok }) => !ok)) {
        const right = isStoreError(error) && error.code === 'ALREADY_EXISTS'
        must(right, `a loser was rejected with ${inWords(error)} instead of ALREADY_EXISTS`)
      }
      for (const source of sources) must(source.leftInOrder, 'the source of a loser was left without return()')
      for (const { location, index } of winners) {
        const winner = sources[index]
        if (winner) await store.read(location, winner.payload)
      }
    },
  },
  {
    id: 'exclusive/loser-leaves-nothing',
    title: 'leaves nothing of the add that lost',
    catches: 'a temporary file, parts or segments of the loser that stay for ever',
    needs: { add: true, leftovers: true },
    async run(lab) {
      const { store } = lab
      const id = lab.id('taken')
      await store.add(id, lab.payload(5000))
      const before = await store.leftovers()
      must(before.length > 0, 'leftovers() of the harness does not show an image that was added')
      await store.refused('a second add', ['ALREADY_EXISTS'], store.add(id, lab.payload(100_000), { size: null }))
      const after = await store.leftovers()
      must(after.join() === before.join(), `the backend holds ${after.join(', ')} and before held ${before.join(', ')}`)
    },
  },
  {
    id: 'exclusive/after-delete',
    title: 'takes an id again after its image was deleted',
    catches: 'a reservation that outlives the image; old bytes shown for the new image',
    needs: { add: true, delete: true },
    async run(lab) {
      const { store } = lab
      const id = lab.id('again')
      await store.delete((await store.add(id, lab.payload(7000))).location)
      const data = lab.payload(3000)
      const { location } = await store.add(id, data)
      await store.read(location, data)
    },
  },
]
