/** Clearing away what an add left that was never acknowledged. Optional for a driver. */
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import type { Lab } from '../lab.ts'

async function discard(lab: Lab, imageId: string): Promise<void> {
  const { signal } = new AbortController()
  await lab.store.within('discard', lab.store.driver.discard?.(imageId, { signal }) ?? Promise.resolve())
}

const needs = { add: true, discard: true } as const

export const discardCases: readonly Case[] = [
  {
    id: 'discard/nothing',
    title: 'discards what is not there without an error',
    catches: 'a server that does not start because an upload had not begun when it was killed',
    needs,
    run: (lab) => discard(lab, lab.id('never')),
  },
  {
    id: 'discard/whole',
    title: 'discards a whole image and frees its id',
    catches: 'an image that was stored, but not recorded, and keeps its id taken for ever',
    needs,
    async run(lab) {
      const id = lab.id('whole')
      const { location } = await lab.store.add(id, lab.payload(1000))
      await discard(lab, id)
      await lab.store.hasNothingAt(location)
      const names = await lab.store.leftovers()
      must(names.length === 0, `the backend still holds ${names.join(', ')}`)
      const data = lab.payload(500)
      await lab.store.read((await lab.store.add(id, data)).location, data)
    },
  },
  {
    id: 'discard/others-stay',
    title: 'discards nothing of other images',
    catches: 'temporary names removed by a prefix that other images share',
    needs,
    async run(lab) {
      const stem = lab.id('d')
      const data = lab.payload(1000)
      const locations = []
      for (const id of [`${stem}-00001`, `${stem}.part`, `${stem}x`])
        locations.push((await lab.store.add(id, data)).location)
      await discard(lab, stem)
      for (const location of locations) await lab.store.read(location, data)
    },
  },
]
