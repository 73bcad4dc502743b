import { describe, expect, it } from 'vitest'
import { parseEndpoint, pathOfLink } from '../src/endpoint.ts'

describe('parseEndpoint', () => {
  it.each([
    ['http://host:9292', 'http://host:9292'],
    ['http://host:9292/', 'http://host:9292'],
    ['http://host:9292/v2', 'http://host:9292'],
    ['http://host:9292/v2.9/', 'http://host:9292'],
    ['https://host/image', 'https://host/image'],
    ['https://host/image//v2/', 'https://host/image'],
    ['https://host/v2images', 'https://host/v2images'],
  ])('reads %s as %s', (given, expected) => {
    expect(parseEndpoint(given)).toBe(expected)
  })

  it.each(['host:9292', '', 'ftp://host', 'http://host/?x=1', 'http://me:secret@host/'])('refuses "%s"', (given) => {
    expect(() => parseEndpoint(given)).toThrow(TypeError)
  })

  it('does not repeat a password in its error', () => {
    expect(() => parseEndpoint('http://me:hunter2@host/')).not.toThrow(/hunter2/)
  })
})

describe('pathOfLink', () => {
  it.each([
    ['/v2/images?marker=a', 'http://host', '/v2/images?marker=a'],
    ['/v2/images?marker=a', 'http://host/image', '/v2/images?marker=a'],
    ['/image/v2/images?marker=a', 'http://host/image', '/v2/images?marker=a'],
    ['http://host/v2/images?marker=a', 'https://host', '/v2/images?marker=a'],
    ['http://host:9292/v2/images?tag=x&tag=y', 'https://host:9292', '/v2/images?tag=x&tag=y'],
    ['http://elsewhere/v2/images', 'http://host', null],
    ['//elsewhere/v2/images', 'http://host', null],
    ['/other', 'http://host', null],
  ])('takes from %s below %s: %s', (link, endpoint, expected) => {
    expect(pathOfLink(link, endpoint)).toBe(expected)
  })
})
