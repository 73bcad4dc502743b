import { noopLogger } from '@glance/core'
import type { HashInput } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { HashRunner } from '../../src/workers/hash-runner.ts'

/** A runner whose jobs last until the test ends them. */
function aRunner() {
  const started: HashInput[] = []
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const errors: unknown[] = []
  const runner = new HashRunner({
    run: async (input) => {
      started.push(input)
      const end = Promise.withResolvers<void>()
      ends.set(input.imageId, end)
      input.signal.addEventListener('abort', () => end.reject(input.signal.reason))
      await end.promise
    },
    logger: { ...noopLogger, error: (fields) => errors.push(fields) },
  })
  const end = async (id: string, error?: Error): Promise<void> => {
    if (error) ends.get(id)?.reject(error)
    else ends.get(id)?.resolve()
    await new Promise(setImmediate)
  }
  return { runner, end, errors, ids: () => started.map(({ imageId }) => imageId), started }
}

describe('HashRunner', () => {
  it('runs two jobs at a time and the others in their order, each image once', async () => {
    const { runner, end, ids, started } = aRunner()
    const requester = { project: 'p', token: 't' }
    for (const id of ['a', 'b', 'c', 'a', 'd', 'c']) runner.enqueue(id, requester)

    expect(ids()).toEqual(['a', 'b'])
    expect(started[0]?.requester).toBe(requester)
    await end('b')
    expect(ids()).toEqual(['a', 'b', 'c'])
    await end('a')
    await end('c')
    await end('d')
    await runner.idle()
    expect(ids()).toEqual(['a', 'b', 'c', 'd'])

    runner.enqueue('a', null)
    expect(ids()).toHaveLength(5)
    await runner.close()
  })

  it('goes on after a job that failed, and logs it with its image', async () => {
    const { runner, end, errors, ids } = aRunner()
    for (const id of ['a', 'b', 'c']) runner.enqueue(id, null)

    await end('a', new Error('no database'))

    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(errors).toEqual([{ imageId: 'a', err: expect.objectContaining({ message: 'no database' }) }])
    await runner.close()
  })

  it('stops a job that runs, and forgets one that waits, without a word', async () => {
    const { runner, end, errors, ids } = aRunner()
    for (const id of ['a', 'b', 'c', 'd']) runner.enqueue(id, null)

    runner.stop('c', new Error('deleted'))
    runner.stop('a', new Error('deleted'))
    runner.stop('unknown', new Error('deleted'))
    await new Promise(setImmediate)

    expect(ids()).toEqual(['a', 'b', 'd'])
    expect(errors).toEqual([])
    await end('b')
    await runner.close()
  })

  it('ends everything when it is closed, and takes nothing any more', async () => {
    const { runner, errors, ids, started } = aRunner()
    for (const id of ['a', 'b', 'c']) runner.enqueue(id, null)

    await runner.close()
    await runner.close()
    runner.enqueue('d', null)

    expect(ids()).toEqual(['a', 'b'])
    expect(started.every(({ signal }) => signal.aborted)).toBe(true)
    expect(errors).toEqual([])
  })
})
