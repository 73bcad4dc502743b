import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deleteImage, hashImageData, hashingProperty, type Image, resumeHashing } from '../../../src/index.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { admin, anId, aWorld, putActive } from '../../support/world.ts'

const imageId = anId(1000)
const hexOf = (algorithm: string, text = 'abc'): string => createHash(algorithm).update(text).digest('hex')
const waits = new Map([
  ['own', 'kept'],
  [hashingProperty, ''],
])

async function aPlace(image: Partial<Image> = {}, canDelete = true) {
  const main = await scriptedStore('main', { canDelete })
  const world = await aWorld({ httpRetries: 2 }, [main])
  putActive(world, 'abc', { properties: waits, ...image })
  const run = (signal = new AbortController().signal) =>
    hashImageData(world, { imageId, requester: { project: 'ours', token: 't' }, signal, pauseMs: 1 })
  return { world, main, run }
}

const importing = (hashAlgorithm: string, hashValue: string): Partial<Image> => ({
  status: 'importing',
  hashAlgorithm,
  hashValue,
})

describe('hashImageData', () => {
  it.each(['active', 'deactivated'] as const)('gives an %s image its hashes', async (status) => {
    const { world, main, run } = await aPlace({ status })

    await run()

    expect(world.images.peek(imageId)).toMatchObject({
      status,
      checksum: hexOf('md5'),
      hashAlgorithm: 'sha512',
      hashValue: hexOf('sha512'),
    })
    expect([...(world.images.peek(imageId)?.properties ?? [])]).toEqual([['own', 'kept']])
    expect(main.backend.requesters).toEqual([{ project: 'ours', token: 't' }])
  })

  it.each(['md5', 'sha1', 'sha256', 'sha512'])(
    'makes an image active whose data have the expected %s',
    async (algorithm) => {
      const { world, run } = await aPlace(importing(algorithm, hexOf(algorithm)))

      await run()

      expect(world.images.peek(imageId)).toMatchObject({
        status: 'active',
        size: 3,
        checksum: hexOf('md5'),
        hashAlgorithm: algorithm,
        hashValue: hexOf(algorithm),
      })
      expect(world.images.peek(imageId)?.properties.has(hashingProperty)).toBe(false)
    },
  )

  it.each([
    [true, 0],
    [false, 1],
  ])(
    'queues an image with other data than expected; they are deleted where the store deletes (%j)',
    async (canDelete, left) => {
      const { world, main, run } = await aPlace(importing('sha256', hexOf('sha256', 'other')), canDelete)

      await run()

      expect(world.images.peek(imageId)).toMatchObject({
        status: 'queued',
        size: null,
        hashAlgorithm: null,
        hashValue: null,
        locations: [],
      })
      expect(world.images.peek(imageId)?.properties.has(hashingProperty)).toBe(false)
      expect(main.backend.objects.size).toBe(left)
    },
  )

  it('tries as often as is configured, and reads what comes back in between', async () => {
    const { world, main, run } = await aPlace()
    main.backend.fail('get', 'UNAVAILABLE')
    let tries = 0
    main.backend.before = () => {
      tries += 1
      if (tries === 3) main.backend.fail('get', null)
    }

    await run()

    expect([tries, world.images.peek(imageId)?.hashValue]).toEqual([3, hexOf('sha512')])
  })

  it('leaves an active image without hashes when its data cannot be read, and queues an importing one, whose data stay', async () => {
    const plain = await aPlace()
    plain.main.backend.fail('get', 'UNAVAILABLE')
    await plain.run()
    expect(plain.main.backend.calls).toEqual(['get', 'get', 'get'])
    expect(plain.world.images.peek(imageId)).toMatchObject({ status: 'active', hashValue: null, checksum: null })
    expect(plain.world.images.peek(imageId)?.properties.has(hashingProperty)).toBe(false)

    const expected = await aPlace(importing('sha256', hexOf('sha256')))
    expected.main.backend.breakAfter = 2
    await expected.run()
    expect(expected.world.images.peek(imageId)).toMatchObject({ status: 'queued', locations: [] })
    expect(expected.main.backend.objects.size).toBe(1)
  })

  it('does not vouch for data of another size than the record says', async () => {
    const { world, run } = await aPlace({ size: 2 })

    await run()

    expect(world.images.peek(imageId)).toMatchObject({ status: 'active', hashValue: null })
  })

  it('changes nothing when it is stopped, so that the next start takes it up', async () => {
    const { world, main, run } = await aPlace()
    const stopping = new AbortController()
    main.backend.before = () => stopping.abort(new Error('the server stops'))
    const before = world.images.peek(imageId)

    await expect(run(stopping.signal)).rejects.toThrow('the server stops')

    expect(world.images.peek(imageId)).toBe(before)
    main.backend.before = () => {}
    expect(await resumeHashing(world)).toEqual([imageId])
    expect(world.hashJobs.enqueued).toEqual([imageId])
    await run()
    expect(world.images.peek(imageId)?.hashValue).toBe(hexOf('sha512'))
    expect(await resumeHashing(world)).toEqual([])
  })

  it('is stopped by the deletion of its image, which it does not bring back', async () => {
    const { world, main, run } = await aPlace(importing('sha256', hexOf('sha256')))
    let deleted = false
    main.backend.before = async (operation) => {
      if (operation !== 'get' || deleted) return
      deleted = true
      await deleteImage(admin, world, { imageId })
    }

    await run()

    expect(world.hashJobs.stopped).toEqual([imageId])
    expect(world.images.peek(imageId)?.status).toBe('deleted')
    expect(main.backend.objects.size).toBe(0)
  })

  it('does nothing for an image that does not wait, or is not there', async () => {
    const { world, main } = await aPlace({ properties: new Map() })
    const before = world.images.peek(imageId)

    for (const id of [imageId, anId(7)])
      await hashImageData(world, { imageId: id, requester: null, signal: new AbortController().signal })

    expect(world.images.peek(imageId)).toBe(before)
    expect(main.backend.calls).toEqual([])
  })
})
