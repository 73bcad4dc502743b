import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { gzipped, takesGzip } from '../../src/http/gzip.ts'
import { openApi } from '../support/api.ts'

const on = { glance_server: { gzip: 'true' } }
const takes = { headers: { 'accept-encoding': 'br, gzip' } }

describe('compressed answers', () => {
  it('go to those who take them: records, refusals and image data with their MD5', async () => {
    await using api = await openApi({ groups: on })
    const data = 'x'.repeat(100_000)
    const id = await api.createActive('alice', data)

    const plain = await api.call('alice', 'GET', `/v2/images/${id}`)
    const record = await api.call('alice', 'GET', `/v2/images/${id}`, takes)
    const refusal = await api.call('alice', 'GET', '/v2/images/nope', takes)
    const download = await api.call('alice', 'GET', `/v2/images/${id}/file`, takes)

    expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    for (const answer of [record, refusal, download])
      expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(gunzipSync(record.rawPayload).toString()).toBe(plain.body)
    expect(gunzipSync(refusal.rawPayload).toString()).toContain('No image found')
    expect(download.headers['content-length']).toBeUndefined()
    expect(download.headers['content-md5']).toBe(plain.json().checksum)
    expect(download.rawPayload.length).toBeLessThan(1000)
    expect(gunzipSync(download.rawPayload).toString()).toBe(data)
  })

  it('leave alone what has no body, and parts of images', async () => {
    await using api = await openApi({ groups: on })
    const id = await api.createActive('alice', 'hello')

    const part = await api.call('alice', 'GET', `/v2/images/${id}/file`, {
      headers: { ...takes.headers, range: 'bytes=1-2' },
    })
    const deleted = await api.call('alice', 'DELETE', `/v2/images/${id}`, takes)

    expect([part.statusCode, part.body, part.headers['content-encoding']]).toEqual([206, 'el', undefined])
    expect([deleted.statusCode, deleted.headers['content-encoding']]).toEqual([204, undefined])
  })

  it('come from no server that was not told to', async () => {
    await using api = await openApi()

    const answer = await api.call('alice', 'GET', '/v2/images', takes)

    expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual([undefined, undefined])
  })

  it.each([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['deflate, GZIP;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip; q=0.000, br', false],
    ['not-gzip', false],
  ])('are taken with Accept-Encoding %j: %j', (header, takesIt) => {
    expect(takesGzip(header)).toBe(takesIt)
  })
})

describe('gzipped', () => {
  it('asks for a chunk only when the one before may be refilled', async () => {
    const lent = new Uint8Array(70_000)
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let round = 1; round <= 20; round += 1) {
        crypto.getRandomValues(lent.subarray(0, 65_536))
        lent.fill(round, 65_536)
        sent.push(Buffer.from(lent))
        yield lent
      }
    }
    const sent: Buffer[] = []

    const received = await Array.fromAsync(gzipped(body()))

    expect(gunzipSync(Buffer.concat(received)).equals(Buffer.concat(sent))).toBe(true)
  })

  it('ends with what the body ends with', async () => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10)
      throw new Error('the store has gone')
    }

    await expect(Array.fromAsync(gzipped(body()))).rejects.toThrow('the store has gone')
  })

  it('lets go of the body when nobody reads on', async () => {
    let released = false
    async function* body(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield crypto.getRandomValues(new Uint8Array(65_536))
      } finally {
        released = true
      }
    }

    for await (const _ of gzipped(body())) break

    expect(released).toBe(true)
  })
})
