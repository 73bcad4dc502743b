import { describe, expect, it } from 'vitest'
import { Source } from '../../src/streams/source.ts'
import { collect, failingAfter, inChunks, payload, stuckAfter } from '../support/sources.ts'

describe('Source', () => {
  it('passes its data on', async () => {
    const source = new Source(inChunks(payload(5), 2))

    expect(await collect(source)).toEqual(Buffer.from(payload(5)))
    expect(source.threw(undefined)).toBe(false)
  })

  it.each([new Error('gone'), undefined, 'text'])('knows that %j was thrown by its data', async (error) => {
    const source = new Source(failingAfter(payload(5), error))

    await collect(source).catch(() => {})

    expect(source.threw(error)).toBe(true)
    expect(source.threw(new Error('another'))).toBe(false)
  })

  it('ends its data when it is left', async () => {
    const data = stuckAfter(payload(1))

    for await (const chunk of new Source(data)) if (chunk) break

    expect(data.returned()).toBe(1)
  })
})
