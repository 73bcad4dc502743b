import { describe, expect, it } from 'vitest'
import { humanSize, renderImage, renderList, renderRecord } from '../src/output.ts'
import { anImage } from './support/make-image.ts'

describe('humanSize', () => {
  it.each([
    [0, '0B'],
    [1023, '1023B'],
    [1024, '1kB'],
    [1536, '1.5kB'],
    [13_287_936, '12.7MB'],
    [3 * 1024 ** 4, '3TB'],
  ])('of %i is %s', (bytes, text) => {
    expect(humanSize(bytes)).toBe(text)
  })
})

describe('renderRecord', () => {
  const record = { b: null, a: true, tags: ['x', 'y'], map: { k: 1 }, n: 0 }

  it('sorts by property and prints values as the original does', () => {
    expect(renderRecord(record, 'table')).toBe(
      [
        '+----------+------------+',
        '| Property | Value      |',
        '+----------+------------+',
        '| a        | True       |',
        '| b        | None       |',
        '| map      | {"k": 1}   |',
        '| n        | 0          |',
        '| tags     | ["x", "y"] |',
        '+----------+------------+',
        '',
      ].join('\n'),
    )
  })

  it('keeps types in JSON', () => {
    expect(JSON.parse(renderRecord(record, 'json'))).toEqual(record)
  })

  it('prints one value to a line', () => {
    expect(renderRecord(record, 'value')).toBe('True\nNone\n{"k": 1}\n0\n["x", "y"]\n')
  })
})

describe('renderList', () => {
  const columns = [
    { heading: 'ID', value: (item: { id: string; name: string | null }) => item.id },
    { heading: 'Name', value: (item: { id: string; name: string | null }) => item.name },
  ]
  const items = [{ id: 'a', name: null }]

  it('leaves missing values blank in tables', () => {
    expect(renderList(items, columns, 'table')).toBe(
      '+----+------+\n| ID | Name |\n+----+------+\n| a  |      |\n+----+------+\n',
    )
  })

  it('keys JSON by heading', () => {
    expect(JSON.parse(renderList(items, columns, 'json'))).toEqual([{ ID: 'a', Name: null }])
  })

  it('separates values by blanks', () => {
    expect(renderList(items, columns, 'value')).toBe('a None\n')
  })
})

describe('renderImage', () => {
  it('hides links and says when the virtual size is unknown', () => {
    const text = renderImage(anImage(), 'table')

    expect(text).toContain('| virtual_size     | Not available        |')
    expect(text).not.toMatch(/\| (self|file|schema) /)
  })

  it('leaves JSON to programs: null stays null', () => {
    expect(JSON.parse(renderImage(anImage(), 'json', { humanReadable: true }))).toMatchObject({
      virtual_size: null,
      size: null,
    })
  })

  it('prints a readable size on demand', () => {
    expect(renderImage(anImage({ size: 2048 }), 'table', { humanReadable: true })).toMatch(/\| size +\| 2kB /)
  })
})
