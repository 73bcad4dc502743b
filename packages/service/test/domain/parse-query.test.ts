import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseListQuery, ServiceError } from '../../src/index.ts'
import { codeOf, refusalOf } from '../support/refusal.ts'
import { settings } from '../support/world.ts'

type Parameters = readonly (readonly [string, string])[]

const parse = (...parameters: Parameters) =>
  parseListQuery(parameters, { project: 'ours', admin: false }, { limitParamDefault: 25, apiLimitMax: 100 })

describe('parseListQuery', () => {
  it('fills in every default', () => {
    expect(parse()).toEqual({
      viewer: { project: 'ours', admin: false },
      visibility: null,
      memberStatus: 'accepted',
      hidden: false,
      filters: [],
      properties: new Map(),
      tags: [],
      sort: [
        { key: 'created_at', direction: 'desc' },
        { key: 'id', direction: 'desc' },
      ],
      limit: 25,
      marker: null,
    })
  })

  it.each([
    ['0', 0],
    ['7', 7],
    ['100000', 100],
    ['99999999999999999999999999', 100],
    ['-0', 0],
  ])('takes limit=%s as %d', (limit, expected) => {
    expect(parse(['limit', limit]).limit).toBe(expected)
  })

  it.each(['-1', 'ten', '', '1.5', '0x10', '1e3'])('refuses limit=%s', async (limit) => {
    expect(await codeOf(() => parse(['limit', limit]))).toBe('INVALID')
  })

  it('takes whatever limit when the maximum is negative', () => {
    const query = parseListQuery([['limit', '5000']], { project: null, admin: true }, { ...settings, apiLimitMax: -1 })

    expect(query.limit).toBe(5000)
  })

  it.each<[string, string, object]>([
    ['visibility', 'all', { visibility: 'all' }],
    ['visibility', 'community', { visibility: 'community' }],
    ['member_status', 'all', { memberStatus: 'all' }],
    ['os_hidden', 'TRUE', { hidden: true }],
    ['os_hidden', 'false', { hidden: false }],
    ['marker', 'x', { marker: 'x' }],
    ['deleted', 'true', { filters: [], properties: new Map() }],
    ['is_public', 'whatever', { filters: [], properties: new Map() }],
    ['hw_cpu', ' 4:x ', { properties: new Map([['hw_cpu', ' 4:x ']]) }],
    ['__proto__', 'x', { properties: new Map([['__proto__', 'x']]) }],
    ['constructor', 'x', { properties: new Map([['constructor', 'x']]) }],
  ])('understands %s=%s', (name, value, expected) => {
    expect(parse([name, value])).toMatchObject(expected)
  })

  it.each<[string, string, string, unknown[]]>([
    ['name', 'x', 'eq', ['x']],
    ['name', '', 'eq', ['']],
    ['name', 'eq:a:b', 'eq', ['a:b']],
    ['name', '2020-01-01T10:00:00+01:00', 'eq', ['2020-01-01T10:00:00+01:00']],
    ['status', 'in:active,queued', 'in', ['active', 'queued']],
    ['name', 'in:"glass, darkly",share me', 'in', ['glass, darkly', 'share me']],
    ['owner', 'a:b', 'eq', ['a:b']],
    ['checksum', 'in:a', 'eq', ['in:a']],
    ['protected', 'true', 'eq', [true]],
    ['min_ram', '512', 'eq', [512]],
    ['size', '0', 'eq', [0]],
    ['created_at', '2020-01-02T03:04:05Z', 'eq', [new Date('2020-01-02T03:04:05Z')]],
    ['updated_at', 'gte:2020-01-02', 'gte', [new Date('2020-01-02T00:00:00Z')]],
    ['updated_at', 'neq:2020-01-02T03:04:05+02:00', 'neq', [new Date('2020-01-02T01:04:05Z')]],
  ])('filters by %s=%s', (field, value, operator, values) => {
    expect(parse([field, value]).filters).toEqual([{ field, operator, values }])
  })

  it.each([
    ['size_min', { field: 'size', operator: 'gte', values: [10] }],
    ['size_max', { field: 'size', operator: 'lte', values: [10] }],
    ['min_ram_max', { field: 'min_ram', operator: 'lte', values: [10] }],
    ['virtual_size_min', { field: 'virtual_size', operator: 'gte', values: [10] }],
  ])('takes %s as an inclusive bound', (name, filter) => {
    expect(parse([name, '10']).filters).toEqual([filter])
  })

  it.each([
    ['visibility', 'Public'],
    ['member_status', 'any'],
    ['os_hidden', 'yes'],
    ['os_hidden', ''],
    ['protected', 'True'],
    ['protected', '1'],
    ['name', 'a:b'],
    ['name', 'neq:x'],
    ['id', 'gt:x'],
    ['name', 'in:"open'],
    ['name', 'in:a"b"'],
    ['name', 'in:"a"b'],
    ['created_at', 'yesterday'],
    ['created_at', 'in:2020-01-01'],
    ['created_at', '2020-02-31'],
    ['updated_at', 'gt:'],
    ['size', 'big'],
    ['size', '1.0'],
    ['size_min', 'x'],
    ['size_min', ''],
    ['name_min', '3'],
    ['nothing_max', '3'],
    ['_min', '3'],
    ['min_ram', '2147483648'],
    ['size', '9007199254740992'],
    ['changes-since', '2020-01-01'],
    ['name', '\u{1F600}'],
    ['prop\u{1F600}', 'x'],
    ['prop', 'a\0b'],
    ['prop', '\ud800'],
    ['', 'x'],
    ['p'.repeat(256), 'x'],
    ['p', 'x'.repeat(65_536)],
    ['os_glance_stage_host', 'http://node-1'],
  ])('refuses %s=%s', async (name, value) => {
    expect(await codeOf(() => parse([name, value]))).toBe('INVALID')
  })

  it('names the parameter that is wrong', async () => {
    const { message } = await refusalOf(() => parse(['size_min', 'x']))

    expect(message).toContain('"size_min"')
  })

  it('asks for every tag, and each of them once', () => {
    expect(parse(['tag', 'a'], ['tag', 'b'], ['tag', 'a']).tags).toEqual(['a', 'b'])
  })

  it('counts the last one of a repeated filter', () => {
    expect(parse(['name', 'a'], ['name', 'b']).filters).toEqual([{ field: 'name', operator: 'eq', values: ['b'] }])
  })

  it('counts both times of a span', () => {
    const { filters } = parse(['created_at', 'gt:2020-01-01'], ['created_at', 'lt:2021-01-01'])

    expect(filters.map(({ operator }) => operator)).toEqual(['gt', 'lt'])
  })

  it('refuses more parameters than a database query should have conditions', async () => {
    const many = Array.from({ length: 257 }, (_, i) => [`p${i}`, 'x'] as const)

    expect(await codeOf(() => parse(...many))).toBe('INVALID')
  })

  it('refuses more values in a list than an address line can carry ids', async () => {
    expect(await codeOf(() => parse(['name', `in:${'a,'.repeat(1001)}`]))).toBe('INVALID')
  })

  it('answers any parameters with a query or with INVALID', () => {
    const names = fc.oneof(
      fc.constantFrom('limit', 'sort', 'sort_key', 'sort_dir', 'name', 'id', 'size', 'size_min', 'x_max', 'created_at'),
      fc.constantFrom('visibility', 'member_status', 'os_hidden', 'protected', 'tag', 'marker', '__proto__'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    )
    const values = fc.oneof(
      fc.constantFrom('true', 'in:"a\\"b",', 'eq:', 'gt:2020-01-01', 'name:asc,id', 'asc', 'name', '5', '-5', 'all'),
      fc.string({ unit: 'binary', maxLength: 12 }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values), { maxLength: 8 }), (parameters) => {
        try {
          const query = parse(...parameters)
          expect(query.sort.at(-1)?.key === 'id' || query.sort.some(({ key }) => key === 'id')).toBe(true)
          expect(query.limit).toBeGreaterThanOrEqual(0)
          expect(query.limit).toBeLessThanOrEqual(100)
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error
          expect(error.code).toBe('INVALID')
        }
      }),
    )
  })
})
