/** What an upload leaves when connectors fail at every step of it: the whole object and an answer, or nothing and an error. */
import { describe, expect, it } from 'vitest'
import type { FaultAction } from '../src/emulator/index.ts'
import { bytesOf, digestOf, inChunks, openDriver, quiet, shaOf, startRing } from './support/ring.ts'

const data = bytesOf(1_000_003)
const whole = { offset: 0, length: null, signal: quiet }

/** What a connector does wrong in the middle of an upload, and what the upload then ends with. */
const wrongs: readonly (readonly [string, FaultAction, string])[] = [
  ['answers 400', { kind: 'status', status: 400 }, 'UNKNOWN'],
  ['answers 401', { kind: 'status', status: 401 }, 'WRITE_DENIED'],
  ['answers 403', { kind: 'status', status: 403 }, 'WRITE_DENIED'],
  ['answers 404', { kind: 'status', status: 404 }, 'UNAVAILABLE'],
  ['answers 408', { kind: 'status', status: 408 }, 'TIMEOUT'],
  ['answers 409', { kind: 'status', status: 409 }, 'ALREADY_EXISTS'],
  ['answers 412', { kind: 'status', status: 412, ringStatus: 'OBJ_EXISTS' }, 'ALREADY_EXISTS'],
  ['answers 413', { kind: 'status', status: 413 }, 'STORE_FULL'],
  ['answers 422', { kind: 'status', status: 422, ringStatus: 'WRITE_FAILED' }, 'UNAVAILABLE'],
  ['answers 423', { kind: 'status', status: 423 }, 'UNAVAILABLE'],
  ['answers 500', { kind: 'status', status: 500 }, 'UNAVAILABLE'],
  ['answers 503', { kind: 'status', status: 503 }, 'UNAVAILABLE'],
  ['answers 507', { kind: 'status', status: 507 }, 'STORE_FULL'],
  ['breaks the connection after 1 byte', { kind: 'break', after: 1 }, 'UNAVAILABLE'],
  ['breaks the connection after half', { kind: 'break', after: 500_000 }, 'UNAVAILABLE'],
  ['breaks the connection after the last byte', { kind: 'break', after: 1_000_003 }, 'UNAVAILABLE'],
  ['says nothing after the last byte', { kind: 'stall', after: 1_000_003 }, 'TIMEOUT'],
  ['keeps less than it was sent', { kind: 'truncate', to: 999_999 }, 'UNKNOWN'],
]

describe.each([
  ['a known size', data.byteLength],
  ['an unknown size', null],
])('an upload of %s', (_title, size) => {
  it.each(wrongs)('leaves nothing when the connector %s', async (_what, action, code) => {
    const ring = await startRing()
    const driver = await openDriver(ring)
    ring.fault({ method: 'PUT', action })

    await expect(driver.add('image', inChunks(data), { size, signal: quiet })).rejects.toMatchObject({ code })

    expect(ring.ring.names).toEqual([])
    ring.mend()
    const { location } = await driver.add('image', inChunks(data), { size, signal: quiet })
    expect(await digestOf(await driver.get(location, whole))).toEqual({ bytes: data.byteLength, sha: shaOf(data) })
  })

  it('succeeds when only the answer is lost', async () => {
    const ring = await startRing()
    const driver = await openDriver(ring)
    ring.fault({ method: 'PUT', times: 1, action: { kind: 'lost answer' } })

    const { location } = await driver.add('image', inChunks(data), { size, signal: quiet })

    expect(await digestOf(await driver.get(location, whole))).toEqual({ bytes: data.byteLength, sha: shaOf(data) })
  })

  it('goes to another connector when the first ones are dead', async () => {
    const ring = await startRing({ connectors: 3 })
    const driver = await openDriver(ring)
    await Promise.all([ring.stop(0), ring.stop(1)])

    const { location } = await driver.add('image', inChunks(data), { size, signal: quiet })

    expect(new Set(ring.requests.map(({ connector }) => connector))).toEqual(new Set([2]))
    expect(await driver.getSize(location, { signal: quiet })).toBe(data.byteLength)
  })
})

describe('an upload', () => {
  it('never deletes what it did not store', async () => {
    const ring = await startRing()
    const driver = await openDriver(ring)
    const other = bytesOf(100)
    ring.fault({ method: 'PUT', action: { kind: 'break', after: 1_000_003 } })
    const meanwhile = async function* (): AsyncGenerator<Uint8Array> {
      yield data.subarray(0, 1000)
      // Somebody else stores the same id while this upload is under way.
      ring.ring.set('chord_path', 'image', { bytes: other, userMetadata: 'c29tZWJvZHkgZWxzZQ==' })
      yield data.subarray(1000)
    }

    const adding = driver.add('image', meanwhile(), { size: null, signal: quiet })

    // Which it is depends on whether the connector looks at the name before or after the other one stored it.
    await expect(adding).rejects.toMatchObject({ code: expect.stringMatching(/^(UNAVAILABLE|ALREADY_EXISTS)$/) })
    expect(Buffer.from(ring.ring.get('chord_path', 'image')?.bytes ?? [])).toEqual(Buffer.from(other))
    expect(ring.requests.some(({ method }) => method === 'DELETE')).toBe(false)
  })

  it('asks for nothing that sproxyd does not answer: no Expect, a length when it is known, create only', async () => {
    const ring = await startRing({ connectors: 1 })
    const driver = await openDriver(ring)

    await driver.add('known', inChunks(data), { size: data.byteLength, signal: quiet })
    await driver.add('unknown', inChunks(data), { size: null, signal: quiet })

    const [known, unknown] = ring.requests.filter(({ method }) => method === 'PUT').map(({ headers }) => headers)
    expect(known).toMatchObject({ 'content-length': '1000003', 'if-none-match': '*' })
    expect(unknown).toMatchObject({ 'transfer-encoding': 'chunked', 'if-none-match': '*' })
    expect([known?.expect, unknown?.expect]).toEqual([undefined, undefined])
    expect(known?.['x-scal-request-uids']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('of an empty image that got lost with its answer is there all the same', async () => {
    const ring = await startRing()
    const driver = await openDriver(ring)
    ring.fault({ method: 'PUT', times: 1, action: { kind: 'lost answer' } })

    const { location, size } = await driver.add('empty', inChunks(new Uint8Array()), { size: 0, signal: quiet })

    expect(size).toBe(0)
    expect(await driver.getSize(location, { signal: quiet })).toBe(0)
  })

  it('fails with UNAVAILABLE, and reads no data, when no connector answers', async () => {
    const ring = await startRing()
    const driver = await openDriver(ring)
    await Promise.all([ring.stop(0), ring.stop(1)])
    let read = false
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      read = true
      yield data
    }

    await expect(driver.add('image', watched(), { size: null, signal: quiet })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })

    expect(read).toBe(false)
  })
})
