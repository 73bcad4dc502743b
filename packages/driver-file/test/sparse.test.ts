import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extentsOf } from '../src/sparse.ts'
import { bytesOf, chunks, never, openDriver, whole } from './support/open-driver.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const block = 65_536

/** Bytes of a pattern: `d` stands for a block of data, `0` for a block of zeros. */
function blocks(pattern: string): Buffer {
  return Buffer.concat([...pattern].map((kind) => Buffer.alloc(block, kind === 'd' ? 7 : 0)))
}

describe('extentsOf', () => {
  it.each([
    ['d', [[0, 1]]],
    ['0', []],
    [
      'd0d',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    ['00d', [[2, 3]]],
    ['d00', [[0, 1]]],
  ])('writes of %s the blocks %j', (pattern, expected) => {
    const found = extentsOf(blocks(pattern), 0).map(({ from, to }) => [from / block, to / block])

    expect(found).toEqual(expected)
  })

  it('looks for blocks of the file, not of the chunk', () => {
    expect(extentsOf(blocks('00'), 1)).toEqual([
      { from: 0, to: block - 1 },
      { from: 2 * block - 1, to: 2 * block },
    ])
  })

  it('reads chunks in shared memory and windows of larger buffers', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3 * block), block, block)

    expect(extentsOf(shared, 0)).toEqual([])
  })
})

describe('thin provisioning', () => {
  it.each(['d000000000000000d', '0000000000000000', 'd000000000000000'])(
    'stores %s with the right bytes and size, in less room',
    async (pattern) => {
      const directory = await temporaryDirectory()
      const driver = await openDriver({ filesystem_store_datadir: directory, filesystem_thin_provisioning: 'true' })
      const data = Buffer.concat([blocks(pattern), Buffer.alloc(5)])

      const { location, size } = await driver.add('one', chunks(data), { size: null, signal: never })

      const facts = await stat(join(directory, 'one'))
      expect([size, facts.size]).toEqual([data.length, data.length])
      expect((await bytesOf(await driver.get(location, whole))).equals(data)).toBe(true)
      expect(facts.blocks * 512).toBeLessThan(data.length / 2)
    },
  )

  it('takes an image that is announced larger than the free space, because it may fit', async () => {
    const driver = await openDriver({
      filesystem_store_datadir: await temporaryDirectory(),
      filesystem_thin_provisioning: 'true',
    })

    // The driver holds no data to their announced size: that is the Store's business.
    await driver.add('one', chunks(Buffer.from('data')), { size: 2 ** 52, signal: never })
  })
})
