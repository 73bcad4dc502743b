import { describe, expect, it } from 'vitest'
import { type Logger, noopLogger, Store, type StoreDriver, StoreError } from '../src/index.ts'
import { definitionOf, ToyDriver, untilAborted } from './support/toy-driver.ts'

const away = (): Promise<never> => Promise.reject(new StoreError('UNAVAILABLE', 'the backend is away'))

/** A definition whose openings go as listed, the last one for ever, and how often it was asked. */
function opening(...attempts: readonly (() => Promise<StoreDriver>)[]) {
  const counted = { attempts: 0 }
  const definition = definitionOf(async () => {
    const attempt = attempts[Math.min(counted.attempts, attempts.length - 1)]
    counted.attempts += 1
    return attempt ? attempt() : new ToyDriver({})
  })
  return { definition, counted }
}

const works = async (): Promise<StoreDriver> => new ToyDriver({})

describe('Store.open', () => {
  it.each(['BAD_CONFIGURATION', 'FORBIDDEN'] as const)('fails when the driver fails with %s', async (code) => {
    const { definition } = opening(() => Promise.reject(new StoreError(code, 'no')))

    await expect(Store.open(definition, {}, { id: 'toys' })).rejects.toMatchObject({
      code,
      context: { store: 'toys', operation: 'open' },
    })
  })

  it('fails with UNKNOWN when the driver throws anything else', async () => {
    const { definition } = opening(() => Promise.reject(new RangeError('bug')))

    await expect(Store.open(definition, {}, { id: 'toys' })).rejects.toMatchObject({ code: 'UNKNOWN' })
  })

  it('fails with ABORTED when the start is called off', async () => {
    const controller = new AbortController()
    const opened = Store.open(
      definitionOf(({ signal }) => untilAborted(signal)),
      {},
      { id: 'toys', signal: controller.signal },
    )

    controller.abort()

    await expect(opened).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('hands the driver its id and logger', async () => {
    const logger: Logger = { ...noopLogger }
    let seen: unknown
    const definition = definitionOf(async ({ storeId, logger: given }) => {
      seen = { storeId, same: given === logger }
      return new ToyDriver({})
    })

    await Store.open(definition, {}, { id: 'toys', logger })

    expect(seen).toEqual({ storeId: 'toys', same: true })
  })
})

describe('a store whose backend was away when it opened', () => {
  it('is there, is said to be away, and is open to everything', async () => {
    const warnings: object[] = []
    const { definition } = opening(away)

    const store = await Store.open(
      definition,
      {},
      { id: 'toys', logger: { ...noopLogger, warn: (fields) => warnings.push(fields) } },
    )

    expect(warnings).toMatchObject([{ store: 'toys', code: 'UNAVAILABLE' }])
    expect(store.locationPrefixes).toEqual([])
    expect(store.capabilities).toMatchObject({ add: true, randomRead: true })
  })

  it('opens with the next call when its waiting time is over', async () => {
    const { definition, counted } = opening(away, away, works)
    const store = await Store.open(definition, {}, { id: 'toys', reopenAfterMs: 0 })

    await expect(store.check()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await store.check()
    await store.check()

    expect(counted.attempts).toBe(3)
    expect(store.locationPrefixes).toEqual(['toy://own/'])
  })

  it('rejects without an attempt until its waiting time is over, with the context of each call', async () => {
    const { definition, counted } = opening(away, works)
    const store = await Store.open(definition, {}, { id: 'toys', reopenAfterMs: 60_000 })

    await expect(store.discard('one')).rejects.toMatchObject({ code: 'UNAVAILABLE', context: { imageId: 'one' } })
    await expect(store.discard('two')).rejects.toMatchObject({ code: 'UNAVAILABLE', context: { imageId: 'two' } })

    expect(counted.attempts).toBe(1)
  })

  it('opens once for calls that come together', async () => {
    const { definition, counted } = opening(away, works)
    const store = await Store.open(definition, {}, { id: 'toys', reopenAfterMs: 0 })

    await Promise.all([store.check(), store.check(), store.check()])

    expect(counted.attempts).toBe(2)
  })

  it('refuses what the backend turns out not to do', async () => {
    const { definition } = opening(
      away,
      async () => new ToyDriver({ capabilities: { ...new ToyDriver({}).capabilities, delete: false } }),
    )
    const store = await Store.open(definition, {}, { id: 'toys', reopenAfterMs: 0 })

    await expect(store.delete('toy://own/x')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  // The signal of a call was not heard while the store opened.
  it('lets one caller give up while it opens, and serves the other', async () => {
    const { promise, resolve } = Promise.withResolvers<StoreDriver>()
    const { definition } = opening(away, () => promise)
    const store = await Store.open(definition, {}, { id: 'toys', reopenAfterMs: 0 })
    const controller = new AbortController()
    const impatient = store.check({ signal: controller.signal })
    const patient = store.check()

    controller.abort()

    await expect(impatient).rejects.toMatchObject({ code: 'ABORTED', context: { operation: 'check' } })
    resolve(new ToyDriver({}))
    await expect(patient).resolves.toBeUndefined()
  })

  it('closes a driver that opened while the store was being closed', async () => {
    const { promise, resolve } = Promise.withResolvers<StoreDriver>()
    const { definition } = opening(away, () => promise)
    const store = await Store.open(definition, {}, { id: 'toys', reopenAfterMs: 0 })
    const driver = new ToyDriver({})
    const checking = store.check()
    const closing = store.close()

    resolve(driver)

    await closing
    await expect(checking).rejects.toMatchObject({ code: 'ABORTED', message: 'store toys is closed' })
    expect(driver.calls).toEqual(['close'])
  })
})
