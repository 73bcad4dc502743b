import { describe, expect, it } from 'vitest'
import { sqliteValues } from '../src/sqlite-values.ts'
import { anImage, aQuery } from './support/images.ts'
import { openImages } from './support/open.ts'

describe('times in SQLite', () => {
  it('are written as SQLAlchemy writes them', () => {
    expect(sqliteValues.time(new Date('2024-01-02T03:04:05.006Z'))).toBe('2024-01-02 03:04:05.006000')
  })

  it.each([
    ['2024-01-02 03:04:05.006789', '2024-01-02T03:04:05.006Z'],
    ['2024-01-02 03:04:05.5', '2024-01-02T03:04:05.500Z'],
    ['2024-01-02 03:04:05', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02T03:04:05.000000', '2024-01-02T03:04:05.000Z'],
  ])('are read from %s', (stored, time) => {
    expect(sqliteValues.readTime(stored)).toEqual(new Date(time))
  })

  it.each([['yesterday'], [''], ['2024-13-02 03:04:05']])('are not guessed from %j', (stored) => {
    expect(() => sqliteValues.readTime(stored)).toThrow('cannot be read')
  })

  it.each([
    ['eq', ['fraction', 'whole']],
    ['neq', ['after', 'before']],
    ['lt', ['before']],
    ['lte', ['before', 'fraction', 'whole']],
    ['gt', ['after']],
    ['gte', ['after', 'fraction', 'whole']],
  ] as const)('compare by %s with a whole second however they were written', async (operator, expected) => {
    await using opened = await openImages()
    const stored = {
      before: '2024-01-01 23:59:59.999999',
      whole: '2024-01-02 00:00:00',
      fraction: '2024-01-02 00:00:00.000000',
      after: '2024-01-02 00:00:00.001000',
    }
    for (const [id, at] of Object.entries(stored)) {
      await opened.images.insert(anImage({ id, visibility: 'public' }))
      opened.handle.prepare('update images set created_at = ? where id = ?').run(at, id)
    }
    const filters = [{ field: 'created_at', operator, values: [new Date('2024-01-02T00:00:00Z')] } as const]

    const page = await opened.images.list(aQuery({ filters }))

    expect(page.map(({ image }) => image.id).sort()).toEqual(expected)
  })
})
