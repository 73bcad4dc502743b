import { describe, expect, it } from 'vitest'
import { environmentName, fromEnvironment, integer, optionTable, text } from '../../src/index.ts'

const table = optionTable({
  bucket: text({ glance: 's3_store_bucket', help: 'Bucket.' }),
  maxParts: integer({ default: 4, help: 'Parts.' }),
})

describe('environmentName', () => {
  it.each([
    ['DEFAULT', 'bind_host', 'OS_DEFAULT__BIND_HOST'],
    ['my-store', 's3-key', 'OS_MY_STORE__S3_KEY'],
  ])('joins %s and %s', (group, option, name) => {
    expect(environmentName(group, option)).toBe(name)
  })
})

describe('fromEnvironment', () => {
  it('reads what is set of the group, as text, by the names of files', () => {
    const environment = {
      OS_FAST__S3_STORE_BUCKET: '',
      OS_FAST__MAX_PARTS: '7',
      OS_FAST__OTHER: 'x',
      OS_COLD__MAX_PARTS: '9',
      MAX_PARTS: '8',
    }

    expect(fromEnvironment('fast', table, environment)).toEqual({ s3_store_bucket: '', max_parts: '7' })
  })

  it('leaves out what is not set', () => {
    expect(fromEnvironment('fast', table, { OS_FAST__MAX_PARTS: undefined })).toEqual({})
  })
})
