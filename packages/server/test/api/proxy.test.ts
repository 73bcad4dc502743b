import { describe, expect, it } from 'vitest'
import { type Api, openApi } from '../support/api.ts'

const behind = { oslo_middleware: { enable_proxy_headers_parsing: 'true' } }
const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'images.example', 'x-forwarded-prefix': '/image' }

/** The absolute links that the API gives: of versions, of a new image, of the bare version. */
async function links(api: Api, headers: Readonly<Record<string, string>>): Promise<string[]> {
  const versions = (await api.call(null, 'GET', '/versions', { headers })).json()
  const created = await api.call('alice', 'POST', '/v2/images', { headers, payload: '{}' })
  const bare = await api.call(null, 'GET', '/v2', { headers })
  return [
    versions.versions[0].links[0].href,
    String(created.headers.location).replace(created.json().id, 'ID'),
    String(bare.headers.location),
  ]
}

const below = (base: string): string[] => [`${base}/v2/`, `${base}/v2/images/ID`, `${base}/v2/`]

describe('links behind a proxy', () => {
  it('lead where the proxy says that the request came in, if it is to be believed', async () => {
    await using trusting = await openApi({ groups: behind })
    await using wary = await openApi()

    expect(await links(trusting, proxied)).toEqual(below('https://images.example/image'))
    expect(await links(trusting, { forwarded: 'host=a.example:8443;proto=https' })).toEqual(
      below('https://a.example:8443'),
    )
    expect(await links(wary, proxied)).toEqual(below('http://localhost'))
  })

  it('lead to the public endpoint before all', async () => {
    await using api = await openApi({ groups: behind, options: { public_endpoint: 'https://public.example/i/' } })

    expect(await links(api, proxied)).toEqual(below('https://public.example/i'))
  })
})

describe('a JSON body', () => {
  it('is refused over max_request_body_size, whether its length is told or not', async () => {
    await using api = await openApi({ groups: { oslo_middleware: { max_request_body_size: '100' } } })
    const post = (length: number, headers = {}) =>
      api.call('alice', 'POST', '/v2/images', { payload: JSON.stringify({ name: 'x'.repeat(length - 11) }), headers })

    expect((await post(100)).statusCode).toBe(201)
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const answer = await post(101, headers)
      expect([answer.statusCode, answer.json().title, answer.json().message]).toEqual([
        413,
        'Request Entity Too Large',
        expect.stringContaining('max_request_body_size (100)'),
      ])
    }
  })

  it('has no such limit when it is image data', async () => {
    await using api = await openApi({ groups: { oslo_middleware: { max_request_body_size: '100' } } })

    expect(await api.createActive('alice', 'x'.repeat(1000), { name: 'x' })).toMatch(/-/)
  })
})
