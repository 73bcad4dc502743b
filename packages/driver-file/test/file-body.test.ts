import type { FileHandle } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { FileBody } from '../src/file-body.ts'
import { boundedBy } from '../src/waiting.ts'
import { failureOf, never } from './support/open-driver.ts'

/** A file whose reads end when the test says so. Like Node's, its close waits for them. */
function slowFile(): { handle: FileHandle; reads: PromiseWithResolvers<number>[]; closed(): boolean } {
  const reads: PromiseWithResolvers<number>[] = []
  let closed = false
  const handle = {
    async read(buffer: Buffer, _: number, length: number) {
      const read = Promise.withResolvers<number>()
      reads.push(read)
      const bytesRead = Math.min(length, await read.promise)
      buffer.fill(reads.length, 0, bytesRead)
      return { bytesRead, buffer }
    },
    async close() {
      await Promise.allSettled(reads.map(({ promise }) => promise))
      closed = true
    },
  }
  return { handle: handle as unknown as FileHandle, reads, closed: () => closed }
}

function bodyOf(handle: FileHandle, { timeoutMs = 0, signal = never, length = 30 } = {}): FileBody {
  return new FileBody(handle, { offset: 0, length, piece: 10, signal, bounded: boundedBy(timeoutMs) })
}

describe('a body', () => {
  it('starts to read the next piece before it hands out one', async () => {
    const { handle, reads } = slowFile()
    const body = bodyOf(handle)
    const first = body.next()
    reads[0]?.resolve(10)

    await first

    expect(reads).toHaveLength(2)
  })

  it('goes on where a short read ended', async () => {
    const { handle, reads } = slowFile()
    const body = bodyOf(handle, { length: 10 })
    const sizes: number[] = []
    const reading = (async () => {
      for await (const piece of body) sizes.push(piece.length)
    })()
    reads[0]?.resolve(4)
    await expect.poll(() => reads.length).toBe(2)
    reads[1]?.resolve(6)

    await reading

    expect(sizes).toEqual([4, 6])
  })

  it('ends a pending read when the reader leaves, and closes the file when that read is over', async () => {
    const { handle, reads, closed } = slowFile()
    const body = bodyOf(handle)
    const pending = body.next()
    const left = body.return()

    expect(await pending).toEqual({ done: true, value: undefined })
    expect(closed()).toBe(false)
    reads[0]?.resolve(10)
    await left

    expect(closed()).toBe(true)
  })

  it('rejects with ABORTED at once though the file system hangs', async () => {
    const { handle } = slowFile()
    const controller = new AbortController()
    const pending = bodyOf(handle, { signal: controller.signal }).next()
    controller.abort()

    expect((await failureOf(pending)).code).toBe('ABORTED')
  })

  it('rejects with TIMEOUT when one read takes too long', async () => {
    const { handle } = slowFile()

    expect((await failureOf(bodyOf(handle, { timeoutMs: 1 }).next())).code).toBe('TIMEOUT')
  })

  it('closes the file of an empty body without being read', async () => {
    const { handle, closed } = slowFile()
    const body = bodyOf(handle, { length: 0 })

    await body.closed

    expect(closed()).toBe(true)
    expect(await body.next()).toEqual({ done: true, value: undefined })
  })
})
