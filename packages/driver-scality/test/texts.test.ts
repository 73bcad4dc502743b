import { describe, expect, it } from 'vitest'
import { parseConnectorConf } from '../src/connector-conf.ts'
import { parseEndpoints } from '../src/endpoint.ts'
import { failureOfStatus } from '../src/errors.ts'
import { formatLocation, nameAt } from '../src/location.ts'

describe('parseEndpoints', () => {
  it('takes the list of Scality’s README, with its comma at the end', () => {
    expect(parseEndpoints(['http://4.5.9.2:81/proxy/chord_path/', 'https://4.5.9.4/proxy/arc_path', ' '])).toEqual([
      { origin: 'http://4.5.9.2:81', path: '/proxy/chord_path', alias: 'chord_path' },
      { origin: 'https://4.5.9.4', path: '/proxy/arc_path', alias: 'arc_path' },
    ])
  })

  it('counts an endpoint that is written twice once', () => {
    expect(parseEndpoints(['http://h/proxy/a/', 'http://h:80/proxy/a'])).toHaveLength(1)
  })

  it.each([
    { texts: [] },
    { texts: [''] },
    { texts: ['ftp://h/a'] },
    { texts: ['h:81/a'] },
    { texts: ['http://h/a?b'] },
    { texts: ['http://h/a#b'] },
    { texts: ['http://h/a;b'] },
  ])('refuses $texts', ({ texts }) => {
    expect(() => parseEndpoints(texts)).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' }))
  })
})

describe('parseConnectorConf', () => {
  const json = (...drivers: object[]): string =>
    JSON.stringify({
      general: { ring: 'DATA' },
      ...Object.fromEntries(drivers.map((driver, index) => [`ring_driver:${index}`, driver])),
    })

  it.each([
    [json({ alias: 'a', by_path_enabled: true }), true],
    [json({ alias: 'a', by_path_enabled: 1 }), true],
    [json({ alias: 'a', by_path_enabled: 'true' }), true],
    [json({ alias: 'a', by_path_enabled: false }), false],
    [json({ alias: 'a' }), false],
    [json({ alias: 'b', by_path_enabled: true }, { alias: 'a', by_path_enabled: false }), false],
    [json({ alias: 'b', by_path_enabled: false }, { alias: 'c', by_path_enabled: true }), true],
    ['by_path_enabled=1\n', true],
    ['[x]\r\n  By_Path_Enabled: "TRUE",\r\n', true],
    ['"by_path_enabled": true,', true],
    ['by_path_enabled=10', false],
    ['# by_path_enabled=1', false],
    ['by_path_enabled=0', false],
    ['', false],
    ['[1, 2]', false],
    ['null', false],
  ])('finds in %j that names are %s', (text, byPath) => {
    expect(parseConnectorConf(text, 'a').byPath).toBe(byPath)
  })

  it.each([
    [json({}), 'DATA'],
    ['[general]\nring=OLD\n', 'OLD'],
    ['{}', null],
  ])('finds the ring in %j', (text, ring) => {
    expect(parseConnectorConf(text, 'a').ring).toBe(ring)
  })
})

describe('locations', () => {
  it('are those of Scality’s own driver', () => {
    expect(formatLocation('71c675ab')).toBe('scality://71c675ab')
    expect(nameAt('scality://71c675ab', '')).toBe('71c675ab')
    expect(nameAt('SCALITY://glance-1', 'glance-')).toBe('glance-1')
  })

  it.each([
    ['scality://', ''],
    ['scality://a/b', ''],
    ['scality://.conf', ''],
    ['scality://..', ''],
    ['scality://%2e%2e', ''],
    ['scality://user@h', ''],
    ['scality://other-1', 'glance-'],
    ['http://a', ''],
    ['scality:a', ''],
  ])('refuse %j with the prefix %j', (location, prefix) => {
    expect(() => nameAt(location, prefix)).toThrow(expect.objectContaining({ code: 'INVALID_LOCATION' }))
  })
})

describe('failureOfStatus', () => {
  it.each([
    [401, 'get', 'FORBIDDEN'],
    [401, 'add', 'WRITE_DENIED'],
    [404, 'get', 'NOT_FOUND'],
    [408, 'get', 'TIMEOUT'],
    [409, 'add', 'ALREADY_EXISTS'],
    [412, 'add', 'ALREADY_EXISTS'],
    [412, 'get', 'UNKNOWN'],
    [422, 'add', 'UNAVAILABLE'],
    [423, 'delete', 'IN_USE'],
    [429, 'get', 'UNAVAILABLE'],
    [500, 'delete', 'UNAVAILABLE'],
    [507, 'add', 'STORE_FULL'],
  ] as const)('makes %i of %s a %s', (status, doing, code) => {
    expect(failureOfStatus(status, doing).code).toBe(code)
  })
})
