import { describe, expect, it } from 'vitest'
import { basicAuthorization, parseLocation } from '../src/location.ts'

describe('parseLocation', () => {
  it('keeps user, password, host, port, path and query', () => {
    const location = parseLocation('https://me:s%40cret@images.example:8443/a/disk.img?sig=a%2Fb&x=1')

    expect(location).toEqual({
      scheme: 'https',
      hostname: 'images.example',
      port: 8443,
      origin: 'https://images.example:8443',
      path: '/a/disk.img?sig=a%2Fb&x=1',
      credentials: { user: 'me', password: 's@cret' },
    })
  })

  it.each([
    ['http://h', '/'],
    ['http://h?q=1', '/?q=1'],
    ['http://h/a#part', '/a'],
    ["http://h/a/../b?q='|^", "/a/../b?q='|^"],
    ['http://h/bücher', '/b%C3%BCcher'],
  ])('sends %s as %s', (text, path) => {
    expect(parseLocation(text).path).toBe(path)
  })

  it.each([
    ['HTTP://HOST.example/x', 'http', 'host.example', 80],
    ['https://host/x', 'https', 'host', 443],
    ['http://[::1]:8080/x', 'http', '[::1]', 8080],
    ['http://2130706433/', 'http', '127.0.0.1', 80],
    ['http://0x7f000001/', 'http', '127.0.0.1', 80],
    ['http://0177.0.0.1/', 'http', '127.0.0.1', 80],
    ['http://127.1/', 'http', '127.0.0.1', 80],
    ['http://%31%32%37.0.0.1/', 'http', '127.0.0.1', 80],
    ['http://127.0.0.1./', 'http', '127.0.0.1', 80],
    ['http://１２７.０.０.１/', 'http', '127.0.0.1', 80],
  ])('reads %s', (text, scheme, hostname, port) => {
    expect(parseLocation(text)).toMatchObject({ scheme, hostname, port })
  })

  it.each([
    'file:///etc/passwd',
    'ftp://host/x',
    'host/x',
    'http:host/x',
    'http:///x',
    'http://user:hidden@/x',
    'http://host:abc/x',
    'http://host:/x',
    'http://host:0/x',
    'http://host:65536/x',
    'http://hidden@host/x',
    'http://a:hidden:c@host/x',
    'http://a:hidden@b@host/x',
    'http://a:hidden%zz@host/x',
    'http://@host/x',
    'http://good.example\\@evil.example/x',
    'http://ho st/x',
    'http://host/x\r\ny',
    'http://[::1/x',
    'http://[::1%25eth0]/x',
    'http://host/\ud800',
  ])('refuses %j without repeating it', (text) => {
    expect(() => parseLocation(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_LOCATION', message: expect.not.stringMatching(/hidden|evil|passwd/) }),
    )
  })

  it('makes a Basic header of credentials in UTF-8', () => {
    const expected = Buffer.from('me:pässword').toString('base64')

    expect(basicAuthorization({ user: 'me', password: 'pässword' })).toBe(`Basic ${expected}`)
  })
})
