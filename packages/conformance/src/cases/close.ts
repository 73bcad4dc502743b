/** The end of a store. */
import type { Case } from '../case.ts'
import { endOfReading } from '../end-of-reading.ts'
import { must } from '../finding.ts'
import { Source } from '../sources.ts'

export const closeCases: readonly Case[] = [
  {
    id: 'close/twice',
    title: 'can be closed twice, also at the same time',
    catches: 'a handle that is released twice when a server stops in a hurry',
    needs: {},
    async run({ store }) {
      await Promise.all([store.close(), store.close()])
      await store.close()
    },
  },
  {
    id: 'close/later-calls',
    title: 'rejects calls after it was closed with ABORTED',
    catches: 'a TypeError on a handle that is gone, or a connection opened anew after the end',
    needs: {},
    async run(lab) {
      const { store } = lab
      const location = await store.put(lab.id('later'), lab.payload(100))
      await store.close()
      await store.refused('get after close', ['ABORTED'], store.get(location))
      await store.refused('getSize after close', ['ABORTED'], store.getSize(location))
      if (store.capabilities.delete) await store.refused('delete after close', ['ABORTED'], store.delete(location))
      if (store.capabilities.add)
        await store.refused('add after close', ['ABORTED'], store.add(lab.id('new'), lab.payload(10)))
    },
  },
  {
    id: 'close/reader',
    title: 'ends an open reader with ABORTED',
    catches: 'a server that does not stop as long as somebody downloads, or a body that ends as if it were whole',
    needs: { bytes: 1_000_000 },
    async run(lab) {
      const data = lab.payload(lab.severalMiB)
      const reader = await lab.store.reader(await lab.store.put(lab.id('reader'), data))
      const first = await reader.next()
      await lab.store.close()
      await endOfReading(reader, 'the body of a closed store', data, first)
    },
  },
  {
    id: 'close/unread-body',
    title: 'closes though a body was opened and never read',
    catches: 'a close that waits for a reader who never comes',
    needs: {},
    async run(lab) {
      const location = await lab.store.put(lab.id('unread'), lab.payload(lab.severalMiB))
      await lab.store.get(location)
      await lab.store.close()
    },
  },
  {
    id: 'close/running-add',
    title: 'ends a running add with ABORTED, also when its source gives nothing',
    catches: 'a server that waits for ever for a sleeping client when it stops',
    needs: { add: true },
    async run(lab) {
      const { store } = lab
      const size = Math.min(100_000, lab.maxBytes)
      const source = new Source(lab.payload(size), { stallAt: Math.floor(size / 2) })
      const adding = store.add(lab.id('running'), source)
      adding.catch(() => {})
      await store.within('asking for data', Promise.race([source.stalled, adding]))
      await store.close()
      await store.refused('the running add', ['ABORTED'], adding)
      must(source.returned, 'the driver left its source without return()')
      const names = await store.leftovers()
      must(names.length === 0, `the backend still holds ${names.join(', ')}`)
    },
  },
]
