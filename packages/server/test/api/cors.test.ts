import { describe, expect, it } from 'vitest'
import { type Api, openApi } from '../support/api.ts'

const origin = 'https://horizon.example.org'
const allowed = { cors: { allowed_origin: `${origin}, https://other.example` } }

/** The headers that matter to a browser. */
function shown(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = Object.keys(headers).filter((name) => name === 'vary' || name.startsWith('access-control-'))
  return Object.fromEntries(names.toSorted().map((name) => [name, headers[name]]))
}

async function preflight(api: Api, headers: Readonly<Record<string, string>>): Promise<unknown[]> {
  const answer = await api.call(null, 'OPTIONS', '/v2/images', { headers: { origin, ...headers } })
  return [answer.statusCode, answer.body, shown(answer.headers)]
}

const put = { 'access-control-request-method': 'PUT' }

describe('cross-origin requests', () => {
  it('are let in by an answer to the preflight, without a token', async () => {
    await using api = await openApi({ groups: allowed })

    expect(await preflight(api, { ...put, 'access-control-request-headers': 'x-auth-token, Content-Type' })).toEqual([
      200,
      '',
      {
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'x-auth-token,Content-Type',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-origin': origin,
        'access-control-max-age': '3600',
        vary: 'Origin',
      },
    ])
  })

  it.each([
    ['another origin', { ...put, origin: 'https://evil.example' }],
    ['another method', { 'access-control-request-method': 'HEAD' }],
    ['no method', {}],
    ['another header', { ...put, 'access-control-request-headers': 'x-auth-token, x-secret' }],
  ])('are not let in from %s', async (_, headers) => {
    await using api = await openApi({ groups: allowed })

    expect(await preflight(api, headers)).toEqual([200, '', {}])
  })

  it('show their answers to pages of allowed origins, refusals and image data too', async () => {
    await using api = await openApi({ groups: allowed })
    const id = await api.createActive('alice', 'data')
    const expected = {
      'access-control-allow-credentials': 'true',
      'access-control-allow-origin': origin,
      'access-control-expose-headers':
        'X-Image-Meta-Checksum,X-Auth-Token,X-Subject-Token,X-Service-Token,X-OpenStack-Request-ID',
      vary: 'Origin',
    }

    for (const [caller, path, status] of [
      ['alice', '/v2/images', 200],
      ['alice', `/v2/images/${id}/file`, 200],
      [null, '/v2/images', 401],
      ['alice', '/v2/nonsense', 404],
      [null, '/', 300],
      [null, '/healthcheck', 200],
    ] as const) {
      const answer = await api.call(caller, 'GET', path, { headers: { origin } })
      expect([path, answer.statusCode, shown(answer.headers)]).toEqual([path, status, expected])
      const other = await api.call(caller, 'GET', path, { headers: { origin: 'null' } })
      expect(shown(other.headers)).toEqual({})
    }
  })

  it('may come from everywhere, with other limits, when the operator says so', async () => {
    await using api = await openApi({
      groups: {
        cors: {
          allowed_origin: '*',
          allow_credentials: 'false',
          max_age: '0',
          allow_methods: 'HEAD',
          allow_headers: 'X-Secret',
          expose_headers: '',
        },
      },
    })

    expect(
      await preflight(api, { 'access-control-request-method': 'HEAD', 'access-control-request-headers': 'x-secret' }),
    ).toEqual([
      200,
      '',
      {
        'access-control-allow-headers': 'x-secret',
        'access-control-allow-methods': 'HEAD',
        'access-control-allow-origin': '*',
        vary: 'Origin',
      },
    ])
    expect(shown((await api.call('alice', 'GET', '/v2/images', { headers: { origin } })).headers)).toEqual({
      'access-control-allow-origin': '*',
      vary: 'Origin',
    })
  })
})
