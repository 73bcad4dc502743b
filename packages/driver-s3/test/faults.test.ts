/** What goes wrong with a service: each call ends whole, or fails with a code and leaves nothing. */
import { isStoreError, type StoreErrorCode } from '@glance/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { S3Driver } from '../src/driver.ts'
import type { S3OptionInput } from '../src/index.ts'
import { type FakeOperation, type FakeS3, type Fault, startFakeS3 } from './support/fake-s3.ts'
import { bytesOf, imageBytes, imageData, openDriver, quiet } from './support/open-driver.ts'

// Silence is waited for, and other work on the machine makes it longer.
vi.setConfig({ testTimeout: 90_000 })

const mebibyte = 1024 ** 2
const unavailable: Fault = { kind: 'answer', status: 503, code: 'SlowDown' }
const broken: Fault = { kind: 'answer', status: 500, code: 'InternalError' }
const reset: Fault = { kind: 'reset' }
const lost: Fault = { kind: 'lost' }
const silence: Fault = { kind: 'silence' }
const damage: Fault = { kind: 'damage' }
const refused = (code: string, status = 403): Fault => ({ kind: 'answer', status, code })

let fake: FakeS3
let bucket: string
let driver: S3Driver

const open = (more: S3OptionInput = {}): Promise<S3Driver> =>
  openDriver({
    host: fake.url,
    accessKey: 'ACCESS',
    secretKey: 'secret-of-the-tests',
    bucket,
    largeObjectSize: 5 * mebibyte,
    partSize: 5 * mebibyte,
    parallelParts: 2,
    attempts: 3,
    ...more,
  })

beforeAll(async () => {
  fake = await startFakeS3()
})
beforeEach(async () => {
  fake.faults.length = 0
  fake.requests.length = 0
  bucket = fake.makeBucket()
  driver = await open()
  return () => driver.close()
})
afterAll(() => fake.stop())

const small = 70_000
const large = 11 * mebibyte + 5

/** A driver that soon takes silence for a failure. */
const hasty: S3OptionInput = { idleTimeout: 1, attempts: 5 }

/** Adds an image and checks that it is whole, or that nothing of it is left. @returns the code of the failure, null for none */
async function add(size: number, by: S3Driver = driver): Promise<StoreErrorCode | null> {
  try {
    await by.add('image', imageData(size), { size, signal: quiet })
  } catch (error) {
    fake.faults.length = 0
    expect(fake.names(bucket)).toEqual([])
    if (!isStoreError(error)) throw error
    return error.code
  }
  expect(fake.names(bucket)).toEqual(['image'])
  expect(fake.buckets.get(bucket)?.objects.get('image')?.bytes.equals(imageBytes(size))).toBe(true)
  return null
}

function disposable(open: S3Driver): AsyncDisposable & { readonly driver: S3Driver } {
  return { driver: open, [Symbol.asyncDispose]: () => open.close() }
}

/** Waits until a request has come in. */
async function arrived(operation: FakeOperation): Promise<void> {
  await expect.poll(() => fake.count(operation), { timeout: 15_000 }).toBeGreaterThan(0)
}

describe('an add', () => {
  const requests: readonly (readonly [FakeOperation, number])[] = [
    ['HeadObject', small],
    ['PutObject', small],
    ['CreateMultipartUpload', large],
    ['UploadPart', large],
    ['CompleteMultipartUpload', large],
  ]

  it.each(
    requests.flatMap(([on, size]) =>
      [unavailable, broken, reset, lost].map((fault) => ({ on, size, fault, named: JSON.stringify(fault) })),
    ),
  )('is whole after one $on that met $named', async ({ on, size, fault }) => {
    fake.faults.push({ on, fault, times: 1 })

    expect(await add(size)).toBeNull()
  })

  it.each(
    requests.flatMap(([on, size]) => [
      { on, size, fault: unavailable },
      { on, size, fault: reset },
    ]),
  )('fails with UNAVAILABLE and leaves nothing when each $on meets $fault.kind', async ({ on, size, fault }) => {
    // What it needs to clean up works.
    if (on === 'HeadObject') fake.faults.push({ on, fault, times: 3 })
    else fake.faults.push({ on, fault })

    expect(await add(size)).toBe('UNAVAILABLE')
  })

  // Joining parts may take long, and its silence with it.
  it.each(requests.slice(0, 4))('is whole after one %s that met silence', async (on, size) => {
    await using patient = disposable(await open(hasty))
    fake.faults.push({ on, fault: silence, times: 1 })

    expect(await add(size, patient.driver)).toBeNull()
  })

  it('fails with TIMEOUT when the service stays silent', async () => {
    await using patient = disposable(await open({ ...hasty, attempts: 2 }))
    fake.faults.push({ on: 'PutObject', fault: silence })

    expect(await add(small, patient.driver)).toBe('TIMEOUT')
  })

  it.each([
    ['a quota is used up', refused('QuotaExceeded'), 'STORE_FULL'],
    ['the service is full', refused('XMinioStorageFull', 507), 'STORE_FULL'],
    ['writing is forbidden', refused('AccessDenied'), 'WRITE_DENIED'],
    ['a token has expired', refused('ExpiredToken', 400), 'WRITE_DENIED'],
    ['the object is too large', refused('EntityTooLarge', 400), 'TOO_LARGE'],
    ['the bucket has gone', refused('NoSuchBucket', 404), 'UNAVAILABLE'],
  ] as const)('says so and leaves nothing when %s', async (_, fault, code) => {
    for (const [on, size] of [
      ['PutObject', small],
      ['UploadPart', large],
    ] as const) {
      fake.faults.push({ on, fault })

      expect(await add(size)).toBe(code)
    }
  })

  it('notices bytes that changed on their way', async () => {
    fake.faults.push({ on: 'PutObject', fault: damage, times: 1 })
    expect(await add(small)).toBe('UNAVAILABLE')

    fake.faults.push({ on: 'UploadPart', fault: damage, times: 1 })
    expect(await add(large)).toBe('UNAVAILABLE')
  })

  it('knows its own object again when every answer to its request was lost', async () => {
    fake.faults.push({ on: 'PutObject', fault: lost }, { on: 'CompleteMultipartUpload', fault: lost })

    expect(await add(small)).toBeNull()
    await driver.delete(`s3://:@${fake.url.slice(7)}/${bucket}/image`, { signal: quiet })
    expect(await add(large)).toBeNull()
  })

  it('leaves nothing when it is aborted while its last request is under way', async () => {
    for (const [on, size] of [
      ['PutObject', small],
      ['CompleteMultipartUpload', large],
    ] as const) {
      const held = Promise.withResolvers<void>()
      const stop = new AbortController()
      fake.faults.push({ on, fault: { kind: 'hold', until: held.promise }, times: 1 })

      const adding = driver.add('image', imageData(size), { size, signal: stop.signal })
      await arrived(on)
      stop.abort(new Error('the user pressed stop'))
      held.resolve()

      await expect(adding).rejects.toMatchObject({ code: 'ABORTED' })
      expect(fake.names(bucket)).toEqual([])
    }
  })

  it('takes its parts back when it is aborted while the service is silent', async () => {
    const stop = new AbortController()
    fake.faults.push({ on: 'UploadPart', fault: silence })

    const adding = driver.add('image', imageData(large), { size: large, signal: stop.signal })
    await arrived('UploadPart')
    stop.abort(new Error('the user pressed stop'))

    await expect(adding).rejects.toMatchObject({ code: 'ABORTED' })
    expect(fake.names(bucket)).toEqual([])
  })

  it('does not write over what somebody else has stored meanwhile', async () => {
    const held = Promise.withResolvers<void>()
    fake.faults.push({ on: 'CompleteMultipartUpload', fault: { kind: 'hold', until: held.promise }, times: 1 })
    const other = await open()

    const adding = driver.add('image', imageData(large), { size: large, signal: quiet })
    await arrived('CompleteMultipartUpload')
    await other.add('image', imageData(small), { size: small, signal: quiet })
    held.resolve()

    await expect(adding).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(fake.names(bucket)).toEqual(['image'])
    expect(fake.buckets.get(bucket)?.objects.get('image')?.bytes.byteLength).toBe(small)
    await other.close()
  })

  it('refuses data of another size than announced, and leaves nothing', async () => {
    for (const size of [small, large])
      await expect(driver.add('image', imageData(size), { size: size + 1, signal: quiet })).rejects.toMatchObject({
        code: 'SIZE_MISMATCH',
      })
    expect(fake.names(bucket)).toEqual([])
  })
})

describe('a get', () => {
  const size = 3 * mebibyte + 7
  let location: string

  const ways = [
    ['in one stream', { readParallel: 1 }],
    ['in ranges', { readParallel: 3, readRange: mebibyte }],
  ] as const
  const read = async (more: S3OptionInput, part: { offset?: number; length?: number } = {}): Promise<Buffer> => {
    const reader = await open({ ...hasty, ...more })
    try {
      const { body } = await reader.get(location, {
        offset: part.offset ?? 0,
        length: part.length ?? null,
        signal: quiet,
      })
      return await bytesOf(body)
    } finally {
      await reader.close()
    }
  }

  beforeEach(async () => {
    location = (await driver.add('image', imageData(size), { size, signal: quiet })).location
  })

  it.each(ways)('%s goes on where a body broke off or fell silent', async (_, more) => {
    fake.faults.push(
      { on: 'GetObject', fault: { kind: 'cut', after: 300_000, rest: 'reset' }, times: 2 },
      { on: 'GetObject', fault: { kind: 'cut', after: 200_001, rest: 'silence' }, times: 1 },
      { on: 'GetObject', fault: { kind: 'cut', after: 100, rest: 'reset' }, times: 4 },
    )

    expect((await read(more)).equals(imageBytes(size))).toBe(true)
  })

  it.each(ways)('%s reads a part over bodies that break off', async (_, more) => {
    fake.faults.push({ on: 'GetObject', fault: { kind: 'cut', after: 99_999, rest: 'reset' }, times: 3 })

    const part = await read(more, { offset: 500_001, length: 2 * mebibyte })

    expect(part.equals(imageBytes(size).subarray(500_001, 500_001 + 2 * mebibyte))).toBe(true)
  })

  it.each(ways)('%s fails when bodies bring nothing, after a bounded number of tries', async (_, more) => {
    fake.faults.push({ on: 'GetObject', fault: { kind: 'cut', after: 0, rest: 'reset' } })

    await expect(read(more)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fake.count('GetObject')).toBeLessThanOrEqual(3 * 5)
  })

  it.each(ways)('%s never mixes two objects', async (_, more) => {
    fake.faults.push({ on: 'GetObject', fault: { kind: 'cut', after: 300_000, rest: 'reset' }, times: 1 })
    const reader = await open(more)
    const { body } = await reader.get(location, { offset: 0, length: null, signal: quiet })
    const objects = fake.buckets.get(bucket)?.objects
    const other = Buffer.alloc(size, 1)
    objects?.set('image', { bytes: other, etag: '"another"', metadata: {} })

    await expect(bytesOf(body)).rejects.toMatchObject({ code: 'NOT_FOUND' })

    await reader.close()
  })

  it('tells a bucket that is away from an image that is gone', async () => {
    fake.buckets.delete(bucket)

    for (const call of [
      () => driver.get(location, { offset: 0, length: null, signal: quiet }),
      () => driver.getSize(location, { signal: quiet }),
      () => driver.delete(location, { signal: quiet }),
      () => driver.check({ signal: quiet }),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it.each([
    ['AccessDenied', 403, 'FORBIDDEN'],
    ['InvalidAccessKeyId', 403, 'FORBIDDEN'],
    ['SlowDown', 503, 'UNAVAILABLE'],
    ['InvalidObjectState', 403, 'FORBIDDEN'],
  ])('answers %s with a code, and without a key in error or cause', async (code, status, expected) => {
    fake.faults.push({ on: 'GetObject', fault: { kind: 'answer', status: Number(status), code } })

    const error = await driver.get(location, { offset: 0, length: null, signal: quiet }).catch((thrown) => thrown)

    expect(error).toMatchObject({ code: expected })
    const { inspect } = await import('node:util')
    const shown = inspect(error, { depth: 20, showHidden: true, getters: true })
    expect(shown).not.toMatch(/ACCESS\b|secret-of-the-tests|Signature=/)
  })
})

describe('a discard', () => {
  it('removes what a killed process left: objects, and parts of uploads', async () => {
    fake.faults.push({ on: 'CompleteMultipartUpload', fault: broken }, { on: 'AbortMultipartUpload', fault: reset })
    await driver.add('image', imageData(large), { size: large, signal: quiet }).catch(() => {})
    fake.faults.length = 0
    expect(fake.names(bucket)).toEqual(['unfinished image'])

    await driver.discard('image', { signal: quiet })

    expect(fake.names(bucket)).toEqual([])
  })
})
