import { describe, expect, it } from 'vitest'
import { renderTable, wrap } from '../src/table.ts'

describe('renderTable', () => {
  it('frames header and rows', () => {
    expect(
      renderTable(
        ['ID', 'Name'],
        [
          ['a', 'cirros'],
          ['long-id', ''],
        ],
        null,
      ),
    ).toBe(
      [
        '+---------+--------+',
        '| ID      | Name   |',
        '+---------+--------+',
        '| a       | cirros |',
        '| long-id |        |',
        '+---------+--------+',
      ].join('\n'),
    )
  })

  it('keeps header and frame when there are no rows', () => {
    expect(renderTable(['ID', 'Name'], [], null)).toBe(
      ['+----+------+', '| ID | Name |', '+----+------+', '+----+------+'].join('\n'),
    )
  })

  it('aligns wide characters', () => {
    expect(
      renderTable(
        ['Name', 'N'],
        [
          ['日本', '1'],
          ['e\u0301te\u0301', '2'],
        ],
        null,
      ),
    ).toBe(
      ['+------+---+', '| Name | N |', '+------+---+', '| 日本 | 1 |', '| e\u0301te\u0301  | 2 |', '+------+---+'].join(
        '\n',
      ),
    )
  })

  it('spreads wrapped and many-lined cells over lines', () => {
    expect(renderTable(['P', 'V'], [['k', 'one two\nx']], 5)).toBe(
      ['+---+-----+', '| P | V   |', '+---+-----+', '| k | one |', '|   | two |', '|   | x   |', '+---+-----+'].join(
        '\n',
      ),
    )
  })
})

describe('wrap', () => {
  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['one  two', 4, ['one', 'two']],
    ['well-known fact', 6, ['well-', 'known', 'fact']],
    ['12-34-56', 4, ['12-3', '4-56']],
    ['abcdefgh', 3, ['abc', 'def', 'gh']],
    ['ab cdefgh', 5, ['ab cd', 'efgh']],
    ['日本語', 4, ['日本', '語']],
    ['日', 1, ['日']],
  ])('breaks "%s" at %i columns', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines)
  })
})
