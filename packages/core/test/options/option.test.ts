import { describe, expect, it } from 'vitest'
import {
  bytes,
  choice,
  duration,
  flag,
  integer,
  list,
  map,
  multi,
  type Option,
  optionTable,
  parseOptions,
  path,
  secret,
  text,
} from '../../src/index.ts'

const help = 'Help.'

/** The value that an option reads from something, or what is wrong with it. */
function read(option: Option<never> | Option, raw: unknown): unknown {
  const { values, issues } = parseOptions({ it: option }, { it: raw })
  return values ? (values as { it: unknown }).it : issues.map(({ message }) => message).join()
}

describe.each([
  ['text', text({ default: 'x', help })],
  ['secret', secret({ default: 'x', help })],
  ['path', path({ default: 'x', help })],
])('%s', (_kind, option) => {
  it('takes text as it stands', () => {
    expect(read(option, ' a, "b" ')).toBe(' a, "b" ')
  })

  it.each([7, true, {}, null])('refuses %j', (raw) => {
    expect(read(option, raw)).toMatch(/^must be a (text|path)$/)
  })
})

describe('text and path', () => {
  it('differ in what they think of the empty text', () => {
    expect(read(text({ default: 'x', help }), '')).toBe('')
    expect(read(path({ default: 'x', help }), '')).toBe('must not be empty')
  })
})

describe('integer', () => {
  const option = integer({ default: 4, min: -2, max: 100, help })

  it.each([
    ['7', 7],
    [' 7 ', 7],
    ['+7', 7],
    ['-2', -2],
    ['0', 0],
    ['1_00', 100],
    ['007', 7],
    [7, 7],
  ])('reads %j as %i', (raw, value) => {
    expect(read(option, raw)).toBe(value)
  })

  it.each(['', '7.5', '0x10', '1e2', '--1', '_1', '1_', 'seven', '٣'])('refuses %j', (raw) => {
    expect(read(option, raw)).toBe('must be a whole number')
  })

  it.each([
    ['101', 'must be at most 100'],
    [101, 'must be at most 100'],
    [-3, 'must be at least -2'],
    [7.5, 'must be a whole number'],
    [Number.NaN, 'must be a whole number'],
    [Number.POSITIVE_INFINITY, 'must be a whole number'],
    [true, 'must be a whole number'],
    [10n, 'must be a whole number'],
  ])('says of %s that it %s', (raw, message) => {
    expect(read(option, raw)).toBe(message)
  })

  it('reads numbers beyond what a double holds as the nearest that it does', () => {
    const any = integer({ default: 0, help })

    expect(read(any, '9'.repeat(400))).toBe(Number.MAX_SAFE_INTEGER)
    expect(read(any, `-${'9'.repeat(400)}`)).toBe(Number.MIN_SAFE_INTEGER)
  })
})

describe('bytes', () => {
  it.each([
    ['65536', 65_536],
    ['64KiB', 65_536],
    ['64k', 65_536],
    ['64 KB', 65_536],
    ['1.5mib', 1_572_864],
    ['1GiB', 1024 ** 3],
    ['2T', 2 * 1024 ** 4],
    ['12B', 12],
    [12, 12],
  ])('reads %j as %i', (raw, value) => {
    expect(read(bytes({ default: 0, help }), raw)).toBe(value)
  })

  it.each(['', 'KiB', '1 PiB', '1..5k', '5constructor', '5 toString', '1e3'])('refuses %j', (raw) => {
    expect(read(bytes({ default: 0, help }), raw)).toMatch(/^must be a number with one of the units b, k, /)
  })

  it('counts a bare number of a file in the unit of the option, and one of code in bytes', () => {
    const inMiB = bytes({ default: '5', unit: 'MiB', help })

    expect(inMiB.default).toBe(5 * 1024 ** 2)
    expect(read(inMiB, '200')).toBe(200 * 1024 ** 2)
    expect(read(inMiB, '200B')).toBe(200)
    expect(read(inMiB, 200)).toBe(200)
    const inThousands = bytes({ default: '5', unit: 1000, help })
    expect(inThousands.default).toBe(5000)
    expect(read(inThousands, '200')).toBe(200_000)
    expect(read(inThousands, '1KiB')).toBe(1024)
  })

  it('holds both text and numbers to its limits', () => {
    const limited = bytes({ default: '5MiB', min: 1024, max: 1024 ** 3, help })

    expect(read(limited, '1')).toBe('must be at least 1024')
    expect(read(limited, 1)).toBe('must be at least 1024')
    expect(read(limited, '2GiB')).toBe('must be at most 1073741824')
    expect(read(limited, 1024.5)).toBe('must be a whole number')
  })

  it('has a default in bytes', () => {
    expect(bytes({ default: '10MiB', help }).default).toBe(10 * 1024 ** 2)
  })
})

describe('duration', () => {
  it.each([
    ['30', 30],
    ['30s', 30],
    ['500ms', 0.5],
    ['5m', 300],
    ['2 h', 7200],
    ['1d', 86_400],
    ['0.5', 0.5],
    [1.5, 1.5],
  ])('reads %j as %d seconds', (raw, value) => {
    expect(read(duration({ default: 0, help }), raw)).toBe(value)
  })

  it.each(['', '5 weeks', 's', 'PT5S', '9'.repeat(400)])('refuses %j', (raw) => {
    expect(read(duration({ default: 0, help }), raw)).toMatch(/^must be a/)
  })

  it('holds to its limits', () => {
    expect(read(duration({ default: '1s', min: 1, max: 60, help }), '2m')).toBe('must be at most 60')
  })
})

describe('flag', () => {
  it.each(['true', 'True', '1', 'on', ' YES '])('reads %j as yes', (raw) => {
    expect(read(flag({ default: false, help }), raw)).toBe(true)
  })

  it.each(['false', 'FALSE', '0', 'off', 'no'])('reads %j as no', (raw) => {
    expect(read(flag({ default: true, help }), raw)).toBe(false)
  })

  it.each(['', 'y', '2', 'truee', 1, 0, null])('refuses %j', (raw) => {
    expect(read(flag({ default: true, help }), raw)).toBe('must be true or false')
  })
})

describe('choice', () => {
  const option = choice(['auto', 'path'], { default: 'auto', help })

  it('takes its words', () => {
    expect(read(option, 'path')).toBe('path')
  })

  it.each(['Path', '', 'other', 7, '__proto__'])('refuses %j', (raw) => {
    expect(read(option, raw)).toBe('must be one of auto, path')
  })
})

describe('list', () => {
  it.each([
    ['a,b', ['a', 'b']],
    [' a , b ,', ['a', 'b']],
    ['', []],
    [',,', []],
    ['[a, b]', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    // A quoted text kept its comma only at the very beginning of an item.
    [`x, "a,b" , 'c,d'`, ['x', 'a,b', 'c,d']],
    ['say "hi"', ['say "hi"']],
    ['"open, b', ['"open', 'b']],
    [
      ['a,b', ' c '],
      ['a,b', ' c '],
    ],
  ])('reads %j as %j', (raw, value) => {
    expect(read(list({ default: [], help }), raw)).toEqual(value)
  })

  it.each([[[7]], [7], [{}]])('refuses %j', (raw) => {
    expect(read(list({ default: [], help }), raw)).toBe('must be a list of texts')
  })

  it('reads long text quickly', () => {
    const started = performance.now()

    for (const part of [' ', '"', `" `, `"a"b`, ' "a" x', '[', ','])
      read(list({ default: [], help }), part.repeat(100_000))

    expect(performance.now() - started).toBeLessThan(1500)
  })
})

describe('map', () => {
  const option = map({ default: {}, help })

  it.each([
    ['a:1,b:2', { a: '1', b: '2' }],
    ['{a: 1, b: x:y}', { a: '1', b: 'x:y' }],
    ['a:', { a: '' }],
    ['', {}],
    [{ a: '1' }, { a: '1' }],
  ])('reads %j as %j', (raw, value) => {
    expect(read(option, raw)).toEqual(value)
  })

  it('keeps the order', () => {
    expect(Object.keys(read(option, 'z:1,a:2,m:3') as object)).toEqual(['z', 'a', 'm'])
  })

  it.each([
    ['a', 'must be name:value pairs separated by commas'],
    [':1', 'must be name:value pairs separated by commas'],
    ['a:1,a:2', 'names "a" twice'],
    [7, 'must be name:value pairs'],
    [{ a: 7 }, 'must be name:value pairs'],
  ])('says of %j that it %s', (raw, message) => {
    expect(read(option, raw)).toBe(message)
  })

  it('lets no name reach a prototype', () => {
    const values = read(option, '__proto__:evil,constructor:x') as Record<string, string>

    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['evil']).toBeUndefined()
    expect(values['constructor']).toBe('x')
  })
})

describe('multi', () => {
  it.each([
    ['a,b', ['a,b']],
    [
      ['a', 'b,c'],
      ['a', 'b,c'],
    ],
    [[], []],
  ])('reads %j as %j', (raw, value) => {
    expect(read(multi({ default: [], help }), raw)).toEqual(value)
  })
})

describe('a builder', () => {
  it('refuses a default that its own option would refuse', () => {
    expect(() => integer({ default: 0, min: 1, help })).toThrow()
    expect(() => bytes({ default: '10 apples', help })).toThrow()
    expect(() => choice(['a'], { default: 'b' as 'a', help })).toThrow()
  })

  it.each([
    [text({ default: 'x', help }), 'x'],
    [bytes({ default: '10MiB', help }), '10MiB'],
    [duration({ default: '30s', help }), '30s'],
    [flag({ default: false, help }), 'false'],
    [list({ default: ['a', 'b'], help }), 'a,b'],
    // These two read as something else in a file than they were in code.
    [map({ default: { a: '1', b: '2' }, help }), 'a:1,b:2'],
    [bytes({ default: 5 * 1024 ** 2, unit: 'MiB', help }), '5242880B'],
  ])('writes a default so that it reads as the same value: %#', (option, written) => {
    expect(option.defaultText).toBe(written)
    expect(read(option as Option, written)).toEqual(option.default)
  })

  it('has no written default without one', () => {
    expect(text({ help }).defaultText).toBeNull()
    expect(text({ required: true, help }).default).toBeUndefined()
  })

  it('makes tables that nobody changes', () => {
    expect(Object.isFrozen(optionTable({ a: text({ help }) }))).toBe(true)
    expect(Object.isFrozen(text({ help }))).toBe(true)
  })
})
