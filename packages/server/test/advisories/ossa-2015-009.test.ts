/** OSSA-2015-009: what users wrote into images ran as a script in the pages of others. */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'

const script = '<script>alert("1")</script>'

describe('OSSA-2015-009', () => {
  it('what came from a request stands escaped in the pages of errors', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')
    const page = { headers: { accept: 'text/html' } }

    const answers = [
      await api.call('alice', 'GET', `/v2/images/${encodeURIComponent(script)}`, page),
      await api.call('alice', 'DELETE', `/v2/images/${id}/tags/${encodeURIComponent(script)}`, page),
      await api.call('alice', 'GET', `/v2/images/${id}/members/${encodeURIComponent(script)}`, page),
      await api.call('alice', 'GET', `/v2/images?sort_key=${encodeURIComponent(script)}`, page),
      await api.call('alice', 'GET', `/v2/metadefs/namespaces/${encodeURIComponent(script)}`, page),
      await api.call('alice', 'POST', '/v2/images', { ...page, payload: { [script]: 7 } }),
    ]

    for (const { statusCode, headers, body } of answers) {
      expect([400, 404]).toContain(statusCode)
      expect(headers['content-type']).toBe('text/html; charset=UTF-8')
      expect(body).not.toContain('<script')
    }
  })

  it('properties, names and tags come out as JSON, which browsers do not render', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice', { name: script, note: script, tags: [script] })

    const answer = await api.call('alice', 'GET', `/v2/images/${id}`, { headers: { accept: 'text/html' } })

    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.json()).toMatchObject({ name: script, note: script, tags: [script] })
  })
})
