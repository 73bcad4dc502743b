import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { baseUrl, originOf } from '../../src/http/origin.ts'

function request(headers: Readonly<Record<string, string>>): IncomingMessage {
  return { headers: { host: 'inside:9292', ...headers }, socket: { remoteAddress: '10.0.0.9' } } as never
}

const told = {
  forwarded: 'for="[2001:db8::1]";proto=https;host=images.example:443;by=x, for=10.0.0.1;host=other',
  'x-forwarded-host': 'not.this',
  'x-forwarded-prefix': '/image/',
}

describe('where a request came in', () => {
  it('is what the connection says unless a proxy is trusted', () => {
    expect(originOf(request(told), false)).toEqual({
      scheme: 'http',
      host: 'inside:9292',
      prefix: '',
      client: '10.0.0.9',
    })
  })

  it('is what the first proxy says in Forwarded, and only without it what X-Forwarded says', () => {
    expect(originOf(request(told), true)).toEqual({
      scheme: 'https',
      host: 'images.example',
      prefix: '/image',
      client: '[2001:db8::1]',
    })
    const older = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'a.example, b',
      'x-forwarded-for': '192.0.2.1, 10.1',
    }
    expect(originOf(request(older), true)).toEqual({
      scheme: 'https',
      host: 'a.example',
      prefix: '',
      client: '192.0.2.1',
    })
  })

  it.each([
    ['x-forwarded-proto', 'javascript'],
    ['x-forwarded-host', 'evil.example/x?'],
    ['x-forwarded-host', '"><script>'],
    ['x-forwarded-for', '<b>'],
    ['x-forwarded-prefix', '//evil.example'],
    ['x-forwarded-prefix', '/a b'],
    ['forwarded', 'host="a b";proto=ftp'],
    ['forwarded', ';;=;proto'],
  ])('passes over %s: %s', (name, value) => {
    expect(originOf(request({ [name]: value }), true)).toEqual(originOf(request({}), false))
  })

  it('leaves the usual port out of links, and prefers the public endpoint', () => {
    const settings = { publicEndpoint: null, trustsProxy: true }

    expect(baseUrl(request({ host: 'a:80' }), settings)).toBe('http://a')
    expect(baseUrl(request(told), settings)).toBe('https://images.example/image')
    expect(baseUrl(request(told), { ...settings, publicEndpoint: 'https://public.example/i/' })).toBe(
      'https://public.example/i',
    )
  })
})
