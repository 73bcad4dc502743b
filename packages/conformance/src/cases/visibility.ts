/** All or nothing: no byte can be read before `add` resolves, and nothing remains of an add that failed. */
import type { Case } from '../case.ts'
import { Finding, inWords, must } from '../finding.ts'
import type { Lab } from '../lab.ts'
import { Source, type SourceScript } from '../sources.ts'

/** The location that an add of this id will have, as far as the driver gives it again: learnt from an add that was deleted. */
async function learnLocation(lab: Lab, imageId: string): Promise<string> {
  const { location } = await lab.store.add(imageId, lab.payload(10))
  await lab.store.delete(location)
  return location
}

/** Stops an upload after some bytes and looks for its data meanwhile. */
async function lookDuring(lab: Lab, stallAt: (size: number) => number): Promise<void> {
  const { store } = lab
  const size = Math.min(300_000, lab.maxBytes)
  for (const announced of [true, false]) {
    const id = lab.id(`early-${announced}`)
    const location = await learnLocation(lab, id)
    const source = new Source(lab.payload(size), { stallAt: stallAt(size) })
    const adding = store.add(id, source, announced ? {} : { size: null })
    adding.catch(() => {})
    await store.within('asking for all data', Promise.race([source.stalled, adding]))
    await store.hasNothingAt(location)
    source.resume()
    await store.read((await adding).location, source.payload)
  }
}

/** Lets the source of an add fail. The error must come back as it is. */
async function failAdd(lab: Lab, imageId: string, byte: number, size: number, announced: boolean): Promise<void> {
  const error = new Error(`the client went away after ${byte} bytes`)
  const source = new Source(lab.payload(size), { failAt: { byte, error }, chunkBytes: 20_000 })
  let thrown: unknown = null
  try {
    await lab.store.add(imageId, source, announced ? {} : { size: null })
  } catch (caught) {
    if (caught instanceof Finding) throw caught
    thrown = caught
  }
  must(thrown !== null, `add went well although its source failed after ${byte} of ${size} bytes`)
  must(thrown === error, `add rejected with ${inWords(thrown)} instead of what its source threw`)
}

/** Lets an add fail, then checks that its data cannot be read and that its id is free. */
async function nothingAfterFailure(lab: Lab, byteOf: (size: number) => number): Promise<void> {
  const { store } = lab
  const size = Math.min(200_000, lab.maxBytes)
  for (const announced of [true, false]) {
    const id = lab.id(`failed-${announced}`)
    const location = store.capabilities.delete ? await learnLocation(lab, id) : null
    await failAdd(lab, id, byteOf(size), size, announced)
    if (location !== null) await store.hasNothingAt(location)
    const data = lab.payload(3000)
    const added = await store.add(id, data)
    await store.read(added.location, data)
  }
}

/** Aborts an add half-way, while its source goes on or stalls. */
async function abortAdd(lab: Lab, imageId: string, script: SourceScript): Promise<void> {
  const { store } = lab
  const size = Math.min(2_000_000, lab.maxBytes)
  const half = Math.floor(size / 2)
  const controller = new AbortController()
  const source = new Source(lab.payload(size), {
    chunkBytes: Math.max(1, Math.floor(size / 40)),
    before: (given) => given >= half && controller.abort(new Error('the user pressed stop')),
    ...script,
  })
  if (script.stallAt !== undefined) source.stalled.then(() => controller.abort(new Error('the user pressed stop')))
  await store.refused('add under abort', ['ABORTED'], store.add(imageId, source, { signal: controller.signal }))
}

export const visibilityCases: readonly Case[] = [
  {
    id: 'visibility/half-way',
    title: 'shows nothing of an image while its data are coming in',
    catches: 'an upload written under its final name, which a reader or a second server takes for the whole image',
    needs: { add: true, delete: true },
    run: (lab) => lookDuring(lab, (size) => Math.floor(size / 2)),
  },
  {
    id: 'visibility/all-bytes-given',
    title: 'shows nothing of an image before its source has ended, though all announced bytes are there',
    catches: 'a driver that publishes when it has counted enough bytes, before digests and signatures were checked',
    needs: { add: true, delete: true },
    run: (lab) => lookDuring(lab, (size) => size),
  },
  {
    id: 'visibility/source-fails',
    title: 'leaves nothing to read when the source fails half-way, and its id free',
    catches: 'a partial image after a broken upload; an id that can never be used again',
    needs: { add: true },
    run: (lab) => nothingAfterFailure(lab, (size) => Math.floor(size / 2)),
  },
  {
    id: 'visibility/source-fails-at-once',
    title: 'leaves nothing to read when the source fails before its first byte',
    catches: 'an empty image after a failed upload',
    needs: { add: true },
    run: (lab) => nothingAfterFailure(lab, () => 0),
  },
  {
    id: 'visibility/source-fails-at-the-end',
    title: 'leaves nothing to read when the source fails after its last byte',
    catches:
      'a driver that stops asking when the announced size is reached and so misses a wrong checksum or surplus bytes',
    needs: { add: true },
    run: (lab) => nothingAfterFailure(lab, (size) => size),
  },
  {
    id: 'visibility/failure-leaves-nothing',
    title: 'leaves nothing in the backend when the source fails',
    catches: 'segments, parts of multipart uploads, volumes and temporary files that nobody removes',
    needs: { add: true, leftovers: true },
    async run(lab) {
      const size = lab.severalMiB
      for (const announced of [true, false])
        await failAdd(lab, lab.id(`failed-${announced}`), Math.floor(size * 0.9), size, announced)
      const names = await lab.store.leftovers()
      must(names.length === 0, `the backend still holds ${names.join(', ')}`)
    },
  },
  {
    id: 'visibility/abort-leaves-nothing',
    title: 'leaves nothing in the backend when an add is aborted',
    catches: 'clean-up that uses the fired signal and so is aborted itself',
    needs: { add: true, leftovers: true },
    async run(lab) {
      await abortAdd(lab, lab.id('aborted'), {})
      await abortAdd(lab, lab.id('stalled'), { stallAt: Math.floor(Math.min(2_000_000, lab.maxBytes) / 2) })
      const names = await lab.store.leftovers()
      must(names.length === 0, `the backend still holds ${names.join(', ')}`)
    },
  },
  {
    id: 'visibility/after-abort',
    title: 'leaves nothing to read when an add is aborted, and its id free',
    catches: 'an add that is reported as aborted and published nevertheless',
    needs: { add: true, delete: true },
    async run(lab) {
      const { store } = lab
      const id = lab.id('aborted')
      const location = await learnLocation(lab, id)
      await abortAdd(lab, id, {})
      await store.hasNothingAt(location)
      const data = lab.payload(3000)
      await store.read((await store.add(id, data)).location, data)
    },
  },
]
