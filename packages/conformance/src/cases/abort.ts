/** Calling off: every promise settles, with ABORTED and the signal's reason, also when the other side does nothing. */
import type { StoreError } from '@glance/core'
import type { Case } from '../case.ts'
import { endOfReading } from '../end-of-reading.ts'
import { inWords, must } from '../finding.ts'
import type { Lab } from '../lab.ts'
import { Source } from '../sources.ts'

/** What every abort of the suite gives as its reason. */
const reason = new Error('the user pressed stop')

function fired(): AbortSignal {
  return AbortSignal.abort(reason)
}

/** Checks that a call ends with ABORTED and keeps the reason. */
async function aborted<T>(lab: Lab, what: string, call: Promise<T>): Promise<void> {
  keepsReason(what, await lab.store.refused(what, ['ABORTED'], call))
}

function keepsReason(what: string, error: StoreError): void {
  must(error.cause === reason, `the cause of the aborted ${what} is ${inWords(error.cause)}, not the signal's reason`)
}

export const abortCases: readonly Case[] = [
  {
    id: 'abort/open',
    title: 'does not open when the start was called off',
    catches: 'a connection that nobody closes',
    needs: {},
    async run(lab) {
      const opening = lab.startOpening(lab.store.options, fired())
      opening.then((driver) => driver.close()).catch(() => {})
      await aborted(lab, 'open', opening)
    },
  },
  {
    id: 'abort/before-add',
    title: 'adds nothing and reads no data under a signal that has fired',
    catches: 'an upload that begins although nobody wants it any more',
    needs: { add: true },
    async run(lab) {
      const id = lab.id('before')
      const source = new Source(lab.payload(1000))
      await aborted(lab, 'add', lab.store.add(id, source, { signal: fired() }))
      must(source.given === 0, `the driver read ${source.given} bytes under a signal that had fired`)
      must(source.leftInOrder, 'the source was begun and left without return()')
      await lab.store.add(id, lab.payload(10))
    },
  },
  {
    id: 'abort/add-stalled',
    title: 'ends an add whose source gives nothing, and tells the source',
    catches: 'an upload that waits for ever for a client that went to sleep',
    needs: { add: true },
    async run(lab) {
      const size = Math.min(100_000, lab.maxBytes)
      for (const stallAt of [0, Math.floor(size / 2)]) {
        const id = lab.id(`stalled-${stallAt}`)
        const controller = new AbortController()
        const source = new Source(lab.payload(size), { stallAt })
        const adding = lab.store.add(id, source, { signal: controller.signal })
        adding.catch(() => {})
        await lab.store.within('asking for data', Promise.race([source.stalled, adding]))
        controller.abort(reason)
        await aborted(lab, 'add', adding)
        must(source.returned, 'the driver left its source without return()')
        await lab.store.add(id, lab.payload(10))
      }
    },
  },
  {
    id: 'abort/add-running',
    title: 'ends an add whose source goes on',
    catches: 'a signal that is looked at only in the beginning',
    needs: { add: true, bytes: 100_000 },
    async run(lab) {
      const controller = new AbortController()
      const size = lab.severalMiB
      const source = new Source(lab.payload(size), {
        chunkBytes: Math.ceil(size / 100),
        before: (given) => given > size / 10 && controller.abort(reason),
      })
      await aborted(lab, 'add', lab.store.add(lab.id('running'), source, { signal: controller.signal }))
      must(source.leftInOrder, 'the driver left its source without return()')
    },
  },
  {
    id: 'abort/before-get',
    title: 'reads nothing under a signal that has fired',
    catches: 'a connection to the backend for nobody',
    needs: {},
    async run(lab) {
      const location = await lab.store.put(lab.id('before'), lab.payload(100))
      await aborted(lab, 'get', lab.store.get(location, { signal: fired() }))
      await aborted(lab, 'getSize', lab.store.getSize(location, fired()))
    },
  },
  {
    id: 'abort/reading',
    title: 'ends a body that is being read',
    catches: 'a download that goes on after the client has gone',
    needs: { bytes: 1_000_000 },
    async run(lab) {
      const data = lab.payload(lab.severalMiB)
      const location = await lab.store.put(lab.id('reading'), data)
      const controller = new AbortController()
      const reader = await lab.store.reader(location, { signal: controller.signal })
      const first = await reader.next()
      controller.abort(reason)
      const { error } = await endOfReading(reader, 'an aborted body', data, first)
      if (error) keepsReason('body', error)
    },
  },
  {
    id: 'abort/before-delete',
    title: 'deletes nothing under a signal that has fired',
    catches: 'data lost by a call that was called off',
    needs: { add: true, delete: true },
    async run(lab) {
      const data = lab.payload(100)
      const location = await lab.store.put(lab.id('kept'), data)
      await aborted(lab, 'delete', lab.store.delete(location, fired()))
      await lab.store.read(location, data)
    },
  },
]
