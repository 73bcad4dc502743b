import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PatchVersion, parseJsonPatch, ServiceError } from '../../../src/index.ts'
import { codeOf } from '../../support/refusal.ts'

describe('parseJsonPatch', () => {
  it('reads operations of version 2.1', () => {
    const operations = parseJsonPatch(
      [
        { op: 'add', path: '/a', value: 'x' },
        { op: 'replace', path: '/name', value: null },
        { op: 'remove', path: '/a', value: 'without effect' },
      ],
      '2.1',
    )

    expect(operations).toEqual([
      { op: 'add', path: ['a'], value: 'x', overwrites: true },
      { op: 'replace', path: ['name'], value: null },
      { op: 'remove', path: ['a'] },
    ])
  })

  it('reads operations of version 2.0, whose add does not overwrite', () => {
    const operations = parseJsonPatch(
      [{ add: '/a', value: 'x' }, { replace: '/b', value: 'y' }, { remove: '/c' }],
      '2.0',
    )

    expect(operations).toEqual([
      { op: 'add', path: ['a'], value: 'x', overwrites: false },
      { op: 'replace', path: ['b'], value: 'y' },
      { op: 'remove', path: ['c'] },
    ])
  })

  it.each([
    ['/a~1b', ['a/b']],
    ['/a~0b', ['a~b']],
    ['/~01', ['~1']],
    ['/ a ', ['a']],
    ['/__proto__', ['__proto__']],
    ['/locations/0', ['locations', '0']],
    ['/locations/-', ['locations', '-']],
  ])('decodes the pointer %s', (path, segments) => {
    expect(parseJsonPatch([{ op: 'remove', path }], '2.1')).toEqual([{ op: 'remove', path: segments }])
  })

  it('takes /locations as a whole only to replace it', async () => {
    const operation = (op: string, path: string) => () => parseJsonPatch([{ op, path, value: [] }], '2.1')

    expect(operation('replace', '/locations')()).toHaveLength(1)
    expect(await codeOf(operation('add', '/locations'))).toBe('INVALID')
    expect(await codeOf(operation('replace', '/locations/0'))).toBe('INVALID')
    expect(await codeOf(operation('add', '/locations/x'))).toBe('INVALID')
    expect(await codeOf(operation('add', '/locations/0/url'))).toBe('INVALID')
  })

  it.each(['', 'a', 'a/', '/', '//', '/a/', '//a', '/a//b', '/ /a', '/a/ ', '/a/b', '/~', '/a~2', '/a~', 5, null, []])(
    'refuses the pointer %j',
    async (path) => {
      expect(await codeOf(() => parseJsonPatch([{ op: 'add', path, value: 'x' }], '2.1'))).toBe('INVALID')
    },
  )

  it.each<[PatchVersion, unknown]>([
    ['2.1', {}],
    ['2.1', null],
    ['2.1', 'x'],
    ['2.1', [null]],
    ['2.1', [[]]],
    ['2.1', ['x']],
    ['2.1', [{}]],
    ['2.1', [{ path: '/a', value: 'x' }]],
    ['2.1', [{ op: 'add', value: 'x' }]],
    ['2.1', [{ op: 'add', path: '/a' }]],
    ['2.1', [{ op: 'replace', path: '/a' }]],
    ['2.1', [{ op: 'ADD', path: '/a', value: 'x' }]],
    ['2.1', [{ op: 'move', from: '/a', path: '/b' }]],
    ['2.1', [{ op: 'copy', from: '/a', path: '/b' }]],
    ['2.1', [{ op: 'test', path: '/a', value: 'x' }]],
    ['2.1', [{ add: '/a', value: 'x' }]],
    ['2.0', [{ op: 'add', path: '/a', value: 'x' }]],
    ['2.0', [{ add: '/a' }]],
    ['2.0', [{ add: '/a', remove: '/b', value: 'x' }]],
    ['2.0', [{ value: 'x' }]],
    ['2.0', [{ test: '/a', value: 'x' }]],
  ])('refuses the %s document %j', async (version, body) => {
    expect(await codeOf(() => parseJsonPatch(body, version))).toBe('INVALID')
  })

  it('does not take what objects inherit for members', async () => {
    const inherited = Object.create({ op: 'add', path: '/a', value: 'x' })

    expect(await codeOf(() => parseJsonPatch([inherited], '2.1'))).toBe('INVALID')
  })

  it('answers any JSON with operations or with INVALID', () => {
    const pointer = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('/', '~', '0', '1', ' ', 'a') }),
    )
    const operation = fc.record(
      { op: fc.constantFrom('add', 'remove', 'replace', 'x'), path: pointer, value: fc.jsonValue(), add: pointer },
      { requiredKeys: [] },
    )
    const body = fc.oneof(fc.jsonValue(), fc.array(operation, { maxLength: 4 }))

    fc.assert(
      fc.property(body, fc.constantFrom<PatchVersion>('2.0', '2.1'), (value, version) => {
        try {
          for (const { path } of parseJsonPatch(value, version)) {
            expect(path.length).toBeLessThanOrEqual(2)
            expect(path[0]).not.toBe('')
          }
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error
          expect(error.code).toBe('INVALID')
        }
      }),
    )
  })

  it('finds back every name that was written as a pointer', () => {
    const encoded = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const name = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => text.trim() === text && text !== 'locations')

    fc.assert(
      fc.property(name, (text) => {
        expect(parseJsonPatch([{ op: 'remove', path: encoded(text) }], '2.1')).toEqual([{ op: 'remove', path: [text] }])
      }),
    )
  })
})
