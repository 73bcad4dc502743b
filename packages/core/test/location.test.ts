import { describe, expect, it } from 'vitest'
import { redactLocation, schemeOf } from '../src/index.ts'

describe('schemeOf', () => {
  it.each([
    ['file:///srv/images/x', 'file'],
    ['S3+HTTPS://host/x', 's3+https'],
    ['swift+config://ref/container/x', 'swift+config'],
    ['rbd://a/b/c/d', 'rbd'],
    ['file:///srv/bilder/schön', 'file'],
  ])('of %s is %s', (location, scheme) => {
    expect(schemeOf(location)).toBe(scheme)
  })

  it.each([
    '',
    'file',
    'file:/x',
    '//host/x',
    '1s3://x',
    ' file:///x',
    'file:///a b',
    'file:///a\n',
    'file:///a\0b',
    'file:///a\u0085b',
    'file:///a\u00a0b',
    'file:///a\u2028b',
    'file:///a\u007f',
    `file:///${'x'.repeat(8192)}`,
  ])('refuses %j with INVALID_LOCATION, and does not repeat it', (location) => {
    expect(() => schemeOf(location)).toThrow(
      expect.objectContaining({
        code: 'INVALID_LOCATION',
        message: 'a location is an absolute URI without blanks',
      }),
    )
  })
})

describe('redactLocation', () => {
  it.each([
    ['file:///srv/glance/images/abc', 'file:///…/abc'],
    ['http://host:8080/a/b/abc', 'http://host:8080/…/abc'],
    ['https://host', 'https://host'],
    ['rbd://fsid/pool/abc/snap', 'rbd://fsid/…/snap'],
    ['s3://KEY:SECRET@s3.host/bucket/abc', 's3://s3.host/…/abc'],
    ['swift+https://account%3Auser:pa@ss@auth/v3/c/abc', 'swift+https://auth/…/abc'],
    ['http://host/f/abc?signature=SECRET', 'http://host/…/abc'],
    ['http://host/f/abc#SECRET', 'http://host/…/abc'],
    // What is a secret and what a path cannot be told apart here.
    ['s3://KEY:SEC/RET@s3.host/bucket/abc', 's3://…/abc'],
    ['s3://KEY:123/SECRET@s3.host', 's3://…'],
    ['http://host/SECRETDIR@2/x/abc', 'http://…/abc'],
    ['http://user:SEC?RET@host/a/abc', 'http://…'],
    ['http://user:SEC#RET@host/a/abc', 'http://…'],
    ['http://host/abc?mail=a@SECRET', 'http://…'],
  ])('of %s is %s', (location, redacted) => {
    expect(redactLocation(location)).toBe(redacted)
  })

  it.each(['', 'SECRET', 'user:SECRET@host', '/srv/SECRET', 's3://a b:SECRET@host', 's3://host/x\nforged log line'])(
    'repeats nothing of %j',
    (location) => {
      expect(redactLocation(location)).toBe('(malformed location)')
    },
  )

  const delimiters = ['', '/', '?', '#', '@', ':', '//', '/@', '?@', '@/', '#/', ':/@?']
  it.each(delimiters.flatMap((a) => delimiters.map((b) => [a, b])))(
    'tells neither user nor password nor directories when %j and %j stand in the password',
    (a, b) => {
      const redacted = redactLocation(`s3://USER:PASS${a}PASS${b}PASS@host/DIR/DIR2/abc?QUERY#FRAGMENT`)

      expect(redacted).not.toMatch(/USER|PASS|DIR|QUERY|FRAGMENT/)
    },
  )

  it('is quick with long text, and its answer is short', () => {
    const started = performance.now()

    for (const part of ['x', '/', '@', '?', ':', 'a@/', '://'])
      expect(redactLocation(`s3://${part.repeat(2_000_000)}`).length).toBeLessThan(9000)

    expect(performance.now() - started).toBeLessThan(500)
  })
})
