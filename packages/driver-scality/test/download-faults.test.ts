/** What a download gives when connectors fail at every step of it: every byte, or an error. */
import type { StoreDriver } from '@glance/core'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SproxydEmulator } from '../src/emulator/index.ts'
import { bytesOf, digestOf, inChunks, openDriver, quiet, shaOf, startRing } from './support/ring.ts'

const data = bytesOf(1_000_003)
const whole = { offset: 0, length: null, signal: quiet }
const complete = { bytes: data.byteLength, sha: shaOf(data) }

let ring: SproxydEmulator
let driver: StoreDriver
let location: string

beforeEach(async () => {
  ring = await startRing({ connectors: 3 })
  driver = await openDriver(ring)
  location = (await driver.add('image', inChunks(data), { size: data.byteLength, signal: quiet })).location
})

describe('a download', () => {
  it.each([1, 65_536, 500_000, 1_000_002])(
    'goes on elsewhere when the connection breaks after %i bytes',
    async (after) => {
      ring.fault({ method: 'GET', times: 1, action: { kind: 'break', after } })

      expect(await digestOf(await driver.get(location, whole))).toEqual(complete)
    },
  )

  it('goes on as often as it may, and then fails', async () => {
    ring.fault({ method: 'GET', times: 2, action: { kind: 'break', after: 100_000 } })
    expect(await digestOf(await driver.get(location, whole))).toEqual(complete)

    ring.fault({ method: 'GET', times: 3, action: { kind: 'break', after: 100_000 } })
    await expect(driver.get(location, whole).then(digestOf)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('goes on elsewhere when a connector stops sending', async () => {
    ring.fault({ method: 'GET', times: 1, action: { kind: 'stall', after: 70_000 } })

    expect(await digestOf(await driver.get(location, whole))).toEqual(complete)
  })

  it.each([408, 500, 503])('asks another connector when two answer %i', async (status) => {
    ring.fault({ method: 'GET', times: 2, action: { kind: 'status', status } })

    expect(await digestOf(await driver.get(location, whole))).toEqual(complete)
  })

  it.each([
    [400, 'UNKNOWN'],
    [401, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
  ])('fails at once when a connector answers %i', async (status, code) => {
    ring.fault({ method: 'GET', action: { kind: 'status', status } })

    await expect(driver.get(location, whole)).rejects.toMatchObject({ code })

    expect(ring.requests.filter(({ method }) => method === 'GET')).toHaveLength(1)
  })

  it('fails when the object is deleted while a connection breaks', async () => {
    ring.fault({ method: 'GET', times: 1, action: { kind: 'break', after: 100_000 } })
    const { body } = await driver.get(location, whole)
    ring.ring.delete('chord_path', 'image')

    await expect(digestOf({ size: null, body })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it.each([
    [0, 10],
    [999_990, null],
    [100_000, 700_000],
  ])('reads from %i a part of %s bytes also from a connector that sends the whole', async (offset, length) => {
    ring.fault({ method: 'GET', action: { kind: 'ignore range' } })
    const expected = data.subarray(offset, length === null ? undefined : offset + length)

    const part = await driver.get(location, { offset, length, signal: quiet })

    expect(part.size).toBe(expected.byteLength)
    expect(await digestOf(part)).toEqual({ bytes: expected.byteLength, sha: shaOf(expected) })
  })

  it('names both ends of a range', async () => {
    const part = await driver.get(location, { offset: 1_000_000, length: null, signal: quiet })
    await digestOf(part)

    expect(ring.requests.flatMap(({ headers }) => headers.range ?? [])).toEqual(['bytes=1000000-1000002'])
  })

  it('is NOT_FOUND only when no connector has the object', async () => {
    ring.fault({ method: 'GET', times: 2, action: { kind: 'status', status: 404 } })

    expect(await digestOf(await driver.get(location, whole))).toEqual(complete)
    ring.ring.delete('chord_path', 'image')
    await expect(driver.get(location, whole)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a deletion', () => {
  it('waits for a lock to go, and is IN_USE when it does not', async () => {
    ring.fault({ method: 'DELETE', times: 2, action: { kind: 'status', status: 423 } })
    await driver.delete(location, { signal: quiet })
    expect(ring.ring.names).toEqual([])

    const again = await driver.add('image', inChunks(data), { size: null, signal: quiet })
    ring.fault({ method: 'DELETE', action: { kind: 'status', status: 423 } })
    await expect(driver.delete(again.location, { signal: quiet })).rejects.toMatchObject({ code: 'IN_USE' })
    expect(ring.ring.names).toEqual(['chord_path/image'])
  })

  it('succeeds when its answer is lost', async () => {
    ring.fault({ method: 'DELETE', times: 1, action: { kind: 'lost answer' } })

    await driver.delete(location, { signal: quiet })

    expect(ring.ring.names).toEqual([])
  })

  it('is NOT_FOUND where nothing is, although sproxyd calls that a success', async () => {
    await driver.delete(location, { signal: quiet })

    await expect(driver.delete(location, { signal: quiet })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
