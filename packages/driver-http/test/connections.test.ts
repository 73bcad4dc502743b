import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { bytesOf, failureOf, never, openDriver, whole } from './support/open-driver.ts'
import { type Answer, type Origin, serving, servingWhole, someBytes, startOrigin } from './support/origin.ts'

const data = someBytes(300_000)

/** Sends the first bytes of an image that never ends. */
const endless: Answer = (_request, response) => {
  response.writeHead(200, { 'content-length': 10_000_000 }).write(data)
}

/** Resolves when the origin sees the first connection closed. */
async function disconnected(origin: Origin): Promise<void> {
  const socket = origin.sockets[0] as Socket
  // Not once(): a reset is a fine way to be disconnected, and it would reject.
  if (!socket.closed) await new Promise<void>((resolve) => socket.on('close', () => resolve()))
}

/** Resolves with the next request that an origin gets and never answers. */
async function startSilentOrigin(): Promise<{ origin: Origin; asked: Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { origin: await startOrigin(() => resolve()), asked: promise }
}

describe('an abort', () => {
  it('rejects before anything is sent', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()
    const reason = new Error('too late')

    const error = await failureOf(driver.get(`${origin.url}/x`, { ...whole, signal: AbortSignal.abort(reason) }))

    expect(error).toMatchObject({ code: 'ABORTED', cause: reason })
    expect(origin.sockets).toHaveLength(0)
  })

  it.each(['get', 'getSize'] as const)('rejects a %s that waits for the origin, and hangs up', async (method) => {
    const { origin, asked } = await startSilentOrigin()
    const driver = await openDriver()
    const controller = new AbortController()
    const reason = new Error('nobody waits')

    const pending = failureOf(driver[method](`${origin.url}/x`, { ...whole, signal: controller.signal }))
    await asked
    controller.abort(reason)

    expect(await pending).toMatchObject({ code: 'ABORTED', cause: reason })
    await disconnected(origin)
  })

  it('ends a body that is being read, and hangs up', async () => {
    const origin = await startOrigin(endless)
    const driver = await openDriver()
    const controller = new AbortController()
    const image = await driver.get(`${origin.url}/x`, { ...whole, signal: controller.signal })

    const reading = failureOf(bytesOf(image))
    controller.abort()

    expect(await reading).toMatchObject({ code: 'ABORTED' })
    await disconnected(origin)
  })

  it('ends a body that nobody reads, and hangs up', async () => {
    const origin = await startOrigin(endless)
    const driver = await openDriver()
    const controller = new AbortController()
    const image = await driver.get(`${origin.url}/x`, { ...whole, signal: controller.signal })

    controller.abort()
    await disconnected(origin)

    expect(await failureOf(bytesOf(image))).toMatchObject({ code: 'ABORTED' })
  })

  it('by a time limit of the caller is a TIMEOUT', async () => {
    const origin = await startOrigin(() => {})
    const driver = await openDriver()

    const error = await failureOf(driver.getSize(`${origin.url}/x`, { signal: AbortSignal.timeout(20) }))

    expect(error.code).toBe('TIMEOUT')
  })

  it('after the last byte changes nothing', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()
    const controller = new AbortController()
    await driver.get(`${origin.url}/x`, { ...whole, signal: controller.signal }).then(bytesOf)

    controller.abort()

    expect(await driver.get(`${origin.url}/x`, whole).then(bytesOf)).toHaveLength(300_000)
  })
})

describe('a body that is left early', () => {
  it('hangs up when a loop breaks', async () => {
    const origin = await startOrigin(endless)
    const driver = await openDriver()
    const image = await driver.get(`${origin.url}/x`, whole)

    for await (const chunk of image.body) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }

    await disconnected(origin)
  })

  it('hangs up when nothing was read at all', async () => {
    const origin = await startOrigin(endless)
    const driver = await openDriver()
    const image = await driver.get(`${origin.url}/x`, whole)

    await image.body[Symbol.asyncIterator]().return?.()

    await disconnected(origin)
  })

  it('ends a read that waits for bytes', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).flushHeaders()
    })
    const driver = await openDriver()
    const image = await driver.get(`${origin.url}/x`, whole)
    const reader = image.body[Symbol.asyncIterator]()

    const waiting = reader.next()
    await reader.return?.()

    expect(await waiting).toEqual({ done: true, value: undefined })
    await disconnected(origin)
  })

  it('hangs up when the wanted part is over before the body', async () => {
    const origin = await startOrigin(endless)
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/x`, { offset: 10, length: 10, signal: never })

    expect(await bytesOf(image)).toEqual(Buffer.from(data.subarray(10, 20)))
    await disconnected(origin)
  })

  it('hangs up when nothing is wanted', async () => {
    const origin = await startOrigin(endless)
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/x`, { offset: 10, length: 0, signal: never })

    await disconnected(origin)
    expect(await bytesOf(image)).toHaveLength(0)
  })
})

describe('connections', () => {
  it('serve one whole read after the other', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()

    for (const [offset, length] of [
      [0, null],
      [5, 10],
      [0, null],
      [9, null],
      [0, 0],
      [0, null],
    ] as const)
      await driver.get(`${origin.url}/x`, { offset, length, signal: never }).then(bytesOf)

    // undici takes a connection again only after a turn of the event loop, so two may take turns; the empty read costs its connection.
    expect(origin.requests).toHaveLength(6)
    expect(origin.sockets.length).toBeLessThanOrEqual(3)
  })

  it('serve many reads at once, each with its own bytes', async () => {
    const origin = await startOrigin(servingWhole(data))
    const driver = await openDriver()

    const parts = await Promise.all(
      Array.from({ length: 16 }, async (_, index) =>
        bytesOf(await driver.get(`${origin.url}/x`, { offset: index * 1000, length: 500, signal: never })),
      ),
    )

    for (const [index, part] of parts.entries())
      expect(part).toEqual(Buffer.from(data.subarray(index * 1000, index * 1000 + 500)))
  })

  it('hold the origin back while nobody reads', async () => {
    let taken = 0
    const origin = await startOrigin((_request, response) => {
      const piece = Buffer.alloc(1 << 20)
      response.writeHead(200, { 'content-length': 1 << 30 })
      const push = (): void => {
        do taken += piece.byteLength
        while (response.write(piece) && taken < 1 << 30)
      }
      response.on('drain', push)
      push()
    })
    const driver = await openDriver()
    const reader = (await driver.get(`${origin.url}/x`, whole)).body[Symbol.asyncIterator]()

    let read = 0
    while (read < 50 << 20) read += (await reader.next()).value?.byteLength ?? 0

    // What lies in the buffers of both sockets is all that may be on its way.
    expect(taken - read).toBeLessThan(32 << 20)
    await reader.return?.()
  })
})

describe('close', () => {
  it('ends waiting calls and open bodies with ABORTED, hangs up, and may be called twice', async () => {
    const origin = await startOrigin(endless)
    const silent = await startSilentOrigin()
    const driver = await openDriver()
    const image = await driver.get(`${origin.url}/x`, whole)
    const reading = failureOf(bytesOf(image))
    const unread = await driver.get(`${origin.url}/x`, whole)
    const waiting = failureOf(driver.getSize(`${silent.origin.url}/x`, { signal: never }))
    await silent.asked

    await Promise.all([driver.close(), driver.close()])

    for (const failure of [reading, waiting, failureOf(bytesOf(unread))])
      expect(await failure).toMatchObject({ code: 'ABORTED' })
    await disconnected(origin)
    await disconnected(silent.origin)
  })

  it('closes connections that wait for the next read', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()
    await driver.get(`${origin.url}/x`, whole).then(bytesOf)

    await driver.close()

    await disconnected(origin)
  })

  it('makes later calls reject with ABORTED', async () => {
    const driver = await openDriver()
    await driver.close()

    const location = 'http://127.0.0.1/x'
    for (const work of [driver.get(location, whole), driver.getSize(location, whole), driver.add(), driver.delete()])
      expect(await failureOf(work)).toMatchObject({ code: 'ABORTED' })
  })
})
