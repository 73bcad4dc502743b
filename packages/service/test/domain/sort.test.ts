import { describe, expect, it } from 'vitest'
import { parseSort } from '../../src/domain/sort.ts'
import { codeOf } from '../support/refusal.ts'

const order = (sort: string | null, keys: readonly string[] = [], directions: readonly string[] = []): string =>
  parseSort({ sort, keys, directions })
    .map(({ key, direction }) => `${key}:${direction}`)
    .join(' ')

describe('parseSort', () => {
  it.each([
    [null, [], [], 'created_at:desc id:desc'],
    [null, ['name'], [], 'name:desc created_at:desc id:desc'],
    [null, ['name'], ['asc'], 'name:asc created_at:asc id:asc'],
    [null, [], ['asc'], 'created_at:asc id:asc'],
    [null, ['name', 'size'], ['asc'], 'name:asc size:asc created_at:asc id:asc'],
    [null, ['name', 'size'], ['asc', 'desc'], 'name:asc size:desc created_at:desc id:desc'],
    [null, ['id'], ['asc'], 'id:asc created_at:asc'],
    [null, ['name', 'name'], ['asc', 'desc'], 'name:asc created_at:desc id:desc'],
    ['name', [], [], 'name:desc created_at:desc id:desc'],
    ['name:asc', [], [], 'name:asc created_at:asc id:asc'],
    ['name:asc, size', [], [], 'name:asc size:desc created_at:desc id:desc'],
    ['status:asc,created_at:asc', [], [], 'status:asc created_at:asc id:desc'],
  ])('makes of sort=%s sort_key=%j sort_dir=%j the order %s', (sort, keys, directions, expected) => {
    expect(order(sort, keys, directions)).toBe(expected)
  })

  it.each<[string | null, string[], string[]]>([
    ['name', ['size'], []],
    ['name', [], ['asc']],
    ['', [], []],
    ['name,', [], []],
    ['name:up', [], []],
    ['name:asc:desc', [], []],
    ['owner', [], []],
    ['__proto__', [], []],
    [null, ['owner'], []],
    [null, ['name'], ['up']],
    [null, ['name'], ['asc', 'desc']],
    [null, [], ['asc', 'desc']],
    [null, ['name', 'size', 'id'], ['asc', 'desc']],
  ])('refuses sort=%s sort_key=%j sort_dir=%j', async (sort, keys, directions) => {
    expect(await codeOf(() => order(sort, keys, directions))).toBe('INVALID')
  })
})
