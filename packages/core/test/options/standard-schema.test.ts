import { describe, expect, it } from 'vitest'
import {
  bytes,
  choice,
  duration,
  flag,
  integer,
  jsonSchemaOf,
  list,
  map,
  multi,
  optionTable,
  path,
  secret,
  standardSchema,
  text,
} from '../../src/index.ts'

const help = 'Help.'
const table = optionTable({
  bucket: text({ glance: 's3_store_bucket', required: true, help }),
  secretKey: secret({ default: 'changeme', help }),
  dir: path({ default: '/srv', help }),
  parts: integer({ default: 4, min: 1, max: 9, help }),
  partSize: bytes({ default: '1KiB', min: 1, help }),
  wait: duration({ default: '1m', help, deprecated: 'Nobody waits.' }),
  create: flag({ default: false, help }),
  style: choice(['auto', 'path'], { default: 'auto', help }),
  hosts: list({ default: [], help }),
  labels: map({ default: {}, help }),
  dirs: multi({ default: [], help }),
})

describe('standardSchema', () => {
  const schema = standardSchema(table)['~standard']

  it('is version 1 of the interface', () => {
    expect(schema).toMatchObject({ version: 1, vendor: 'glance' })
  })

  it('gives typed values', () => {
    expect(schema.validate({ s3_store_bucket: 'b', parts: '5' })).toMatchObject({ value: { bucket: 'b', parts: 5 } })
  })

  it('gives issues with their paths', () => {
    expect(schema.validate({ parts: 10, other: 1 })).toEqual({
      issues: [
        { message: 's3_store_bucket must be set', path: ['s3_store_bucket'] },
        { message: 'parts must be at most 9', path: ['parts'] },
        { message: 'other is not an option here', path: ['other'] },
      ],
    })
  })

  it.each([null, undefined, 7, 'text', []])('refuses %j', (value) => {
    expect(schema.validate(value)).toEqual({ issues: [{ message: 'must be an object', path: [] }] })
  })
})

describe('jsonSchemaOf', () => {
  it('describes the typed values by the names of files, without the default of a secret', () => {
    expect(jsonSchemaOf(table)).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['s3_store_bucket'],
      properties: {
        s3_store_bucket: { type: 'string', description: help },
        secret_key: { type: 'string', writeOnly: true, description: help },
        dir: { type: 'string', minLength: 1, default: '/srv', description: help },
        parts: { type: 'integer', minimum: 1, maximum: 9, default: 4, description: help },
        part_size: { type: 'integer', minimum: 1, default: 1024, description: help },
        wait: { type: 'number', default: 60, deprecated: true, description: help },
        create: { type: 'boolean', default: false, description: help },
        style: { type: 'string', enum: ['auto', 'path'], default: 'auto', description: help },
        hosts: { type: 'array', items: { type: 'string' }, default: [], description: help },
        labels: { type: 'object', additionalProperties: { type: 'string' }, default: {}, description: help },
        dirs: { type: 'array', items: { type: 'string' }, default: [], description: help },
      },
    })
  })
})
