import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Store, StoreError, type StoreEvent, storeChannel } from '../src/index.ts'
import { collect, failingAfter, inChunks, payload, stuckAfter } from './support/sources.ts'
import { definitionOf, openToy, ToyDriver } from './support/toy-driver.ts'

let events: StoreEvent[] = []
const note = (event: unknown): number => events.push(event as StoreEvent)

beforeEach(() => {
  events = []
  storeChannel.subscribe(note)
})
afterEach(() => {
  storeChannel.unsubscribe(note)
})

const bytes = payload(1000)
const data = (): AsyncIterable<Uint8Array> => inChunks(bytes, 300)

/** What a store published after it was opened, in short. */
const published = (): unknown[] =>
  events.filter(({ operation }) => operation !== 'open').map(({ operation, bytes, code }) => [operation, bytes, code])

describe('storeChannel', () => {
  it('publishes each call with its store, driver, bytes and duration', async () => {
    const { store } = await openToy()
    const { location } = await store.add('image', data())
    await collect((await store.get(location, { length: 400 })).body)
    await store.getSize(location)
    await store.check()
    await store.discard('image')
    await store.delete(location)

    expect(events.map(({ operation, bytes, code }) => [operation, bytes, code])).toEqual([
      ['open', 0, null],
      ['add', 1000, null],
      ['get', 400, null],
      ['getSize', 0, null],
      ['check', 0, null],
      ['discard', 0, null],
      ['delete', 0, null],
    ])
    for (const event of events) {
      expect(event).toMatchObject({ store: 'toys', driver: 'toy' })
      expect(event.durationMs).toBeGreaterThanOrEqual(0)
    }
  })

  it('publishes failures with their code and the bytes up to then', async () => {
    const { store } = await openToy()
    await store.add('image', data(), { size: 300 }).catch(() => {})
    await store.get('toy://own/image').catch(() => {})
    await store.delete('other://own/image').catch(() => {})

    expect(published()).toEqual([
      ['add', 300, 'SIZE_MISMATCH'],
      ['get', 0, 'NOT_FOUND'],
      ['delete', 0, 'INVALID_LOCATION'],
    ])
  })

  // An add whose source broke off was not published at all.
  it('publishes an add whose source breaks off', async () => {
    const { store } = await openToy()
    await store.add('one', failingAfter(bytes, new Error('gone'))).catch(() => {})
    await store.add('two', failingAfter(bytes, new StoreError('TIMEOUT', 'slow'))).catch(() => {})

    expect(published()).toEqual([
      ['add', 1000, 'ABORTED'],
      ['add', 1000, 'TIMEOUT'],
    ])
  })

  it('publishes a get once, when its body ends, however it ends', async () => {
    const { store } = await openToy({ get: async () => ({ size: null, body: stuckAfter(bytes, bytes) }) })
    const controller = new AbortController()
    const aborted = await store.get('toy://own/image', { signal: controller.signal })
    const left = await store.get('toy://own/image')
    const unread = await store.get('toy://own/image')
    expect(published()).toEqual([])

    for await (const chunk of left.body) if (chunk) break
    await unread.body[Symbol.asyncIterator]().return?.()
    controller.abort()
    await collect(aborted.body).catch(() => {})

    expect(published()).toEqual([
      ['get', 1000, null],
      ['get', 0, null],
      ['get', 0, 'ABORTED'],
    ])
  })

  it('publishes every opening', async () => {
    let away = true
    const definition = definitionOf(async () => {
      if (away) throw new StoreError('UNAVAILABLE', 'away')
      return new ToyDriver({})
    })
    const store = await Store.open(definition, {}, { id: 'toys', reopenAfterMs: 0 })
    away = false
    await store.check()

    expect(events.map(({ operation, code }) => [operation, code])).toEqual([
      ['open', 'UNAVAILABLE'],
      ['open', null],
      ['check', null],
    ])
  })
})
