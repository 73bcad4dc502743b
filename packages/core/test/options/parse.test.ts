import { describe, expect, it } from 'vitest'
import {
  flag,
  glanceName,
  integer,
  list,
  multi,
  namesOf,
  optionTable,
  parseOptions,
  secret,
  text,
} from '../../src/index.ts'

const table = optionTable({
  bucket: text({ glance: 's3_store_bucket', glanceOld: ['s3_bucket', 'bucket_name'], required: true, help: 'Bucket.' }),
  secretKey: secret({ glance: 's3_store_secret_key', help: 'Key.' }),
  maxParts: integer({ default: 4, min: 1, help: 'Parts.' }),
  create: flag({ default: false, help: 'Create.' }),
  dirs: multi({ default: [], help: 'Directories.' }),
  hosts: list({ default: ['a'], help: 'Hosts.' }),
})

describe('parseOptions', () => {
  it('fills in defaults', () => {
    expect(parseOptions(table, { bucket: 'b' })).toEqual({
      values: { bucket: 'b', secretKey: undefined, maxParts: 4, create: false, dirs: [], hosts: ['a'] },
      issues: [],
    })
  })

  it('reads own names and names of files in any mixture', () => {
    const { values } = parseOptions(table, { s3_store_bucket: 'b', maxParts: 5, create: 'yes' })

    expect(values).toMatchObject({ bucket: 'b', maxParts: 5, create: true })
  })

  it('reads the own name in snake_case when Glance has none', () => {
    expect(parseOptions(table, { bucket: 'b', max_parts: '7' }).values).toMatchObject({ maxParts: 7 })
  })

  it.each([
    [{ bucket: 'own', s3_store_bucket: 'new', s3_bucket: 'old' }, 'own'],
    [{ bucket_name: 'oldest', s3_bucket: 'old', s3_store_bucket: 'new' }, 'new'],
    [{ bucket_name: 'oldest', s3_bucket: 'old' }, 'old'],
    [{ bucket_name: 'oldest' }, 'oldest'],
    [{ bucket: undefined, s3_bucket: 'old' }, 'old'],
  ])('lets the newer of several names win in %j', (raw, value) => {
    expect(parseOptions(table, raw).values).toMatchObject({ bucket: value })
  })

  it('counts a repeated key with its last occurrence, except where it may be repeated', () => {
    const raw = { s3_store_bucket: ['a', 'b'], max_parts: ['1', '2'], create: ['no', 'on'], dirs: ['x:1', 'y:2'] }

    expect(parseOptions(table, raw).values).toMatchObject({
      bucket: 'b',
      maxParts: 2,
      create: true,
      dirs: ['x:1', 'y:2'],
    })
  })

  it('counts a key that is repeated no time as absent', () => {
    expect(parseOptions(table, { bucket: 'b', max_parts: [] }).values).toMatchObject({ maxParts: 4 })
  })

  it('tells everything that is wrong at once, by the names of files', () => {
    const { values, issues } = parseOptions(table, {
      maxParts: '0',
      create: 'perhaps',
      hosts: 7,
      colour: 'red',
      plan: 1,
    })

    expect(values).toBeNull()
    expect(issues).toEqual([
      { option: 's3_store_bucket', message: 'must be set' },
      { option: 'max_parts', message: 'must be at least 1' },
      { option: 'create', message: 'must be true or false' },
      { option: 'hosts', message: 'must be a list of texts' },
      { option: 'colour', message: 'is not an option here' },
      { option: 'plan', message: 'is not an option here' },
    ])
  })

  it.each([7, ['hunter2', 7], { hunter2: 'hunter2' }, null])('never tells the value of a secret: %j', (secretKey) => {
    const { issues } = parseOptions(table, { bucket: 'b', secretKey })

    expect(issues).toEqual([{ option: 's3_store_secret_key', message: 'must be a text' }])
  })

  it('takes __proto__ from a document for what it is, a name that no option has', () => {
    const raw = JSON.parse('{"bucket": "b", "__proto__": {"maxParts": 99}, "constructor": "x"}')

    expect(parseOptions(table, raw).issues.map(({ option }) => option)).toEqual(['__proto__', 'constructor'])
  })

  it('reads nothing that the raw values only inherit', () => {
    const raw = Object.create({ maxParts: 99 }) as Record<string, unknown>
    raw['bucket'] = 'b'

    expect(parseOptions(table, raw).values).toMatchObject({ maxParts: 4 })
  })

  it('gives values that nobody changes', () => {
    expect(Object.isFrozen(parseOptions(table, { bucket: 'b' }).values)).toBe(true)
  })
})

describe('glanceName and namesOf', () => {
  it.each([
    ['dataDir', {}, 'data_dir', ['dataDir', 'data_dir']],
    ['name', {}, 'name', ['name']],
    ['name', { glance: 'x_name', glanceOld: ['y', 'name'] }, 'x_name', ['name', 'x_name', 'y']],
  ])('know the names of %s with %j', (name, option, glance, names) => {
    expect(glanceName(name, option)).toBe(glance)
    expect(namesOf(name, option)).toEqual(names)
  })
})
