/** The optional question whether the backend would take a call now. */
import type { Case } from '../case.ts'

export const healthCases: readonly Case[] = [
  {
    id: 'health/check',
    title: 'finds a working backend healthy, again and again',
    catches: 'a probe that fails on an empty store, or uses up what it opens',
    needs: { check: true },
    async run({ store }) {
      const { signal } = new AbortController()
      for (let count = 0; count < 20; count += 1)
        await store.within('check', store.driver.check?.({ signal }) ?? Promise.resolve())
    },
  },
  {
    id: 'health/abort',
    title: 'ends a check under a signal that has fired',
    catches: 'health requests that pile up while the backend hangs',
    needs: { check: true },
    async run({ store }) {
      const signal = AbortSignal.abort(new Error('the probe has gone'))
      await store.refused('check', ['ABORTED'], store.driver.check?.({ signal }) ?? Promise.resolve())
    },
  },
]
