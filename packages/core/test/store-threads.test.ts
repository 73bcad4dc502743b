import { expect, it } from 'vitest'
import { hexOf, inChunks, payload } from './support/sources.ts'
import { nextThreads } from './support/threads.ts'
import { openToy } from './support/toy-driver.ts'

const slot = 512 * 1024

it('fails an add with UNKNOWN when a thread is killed in its middle, stores nothing, and takes the next', async () => {
  const { store, driver } = await openToy()
  const started = nextThreads(2)
  const killed = Promise.withResolvers<void>()
  const data = async function* (): AsyncGenerator<Uint8Array> {
    yield payload(slot)
    await killed.promise
    yield payload(slot)
  }
  const adding = store.add('one', data())
  const [thread] = await started

  await thread?.terminate()
  killed.resolve()

  await expect(adding).rejects.toMatchObject({ code: 'UNKNOWN', context: { store: 'toys', imageId: 'one' } })
  expect(driver.images.size).toBe(0)
  const bytes = payload(3 * slot)
  expect(await store.add('two', inChunks(bytes, slot))).toMatchObject({ checksum: hexOf('md5', bytes) })
})
