import { describe, expect, it } from 'vitest'
import { bytes, describeOptions, optionTable, secret } from '../../src/index.ts'

describe('describeOptions', () => {
  it('gives a row for each option, in the order of the table', () => {
    const table = optionTable({
      partSize: bytes({ glance: 'chunk_size', default: '10MiB', deprecated: 'Use chunks.', help: 'Part size.' }),
      apiKey: secret({ required: true, help: 'Key.' }),
    })

    expect(describeOptions(table)).toEqual([
      {
        name: 'partSize',
        glance: 'chunk_size',
        type: 'bytes',
        default: '10MiB',
        required: false,
        secret: false,
        deprecated: 'Use chunks.',
        help: 'Part size.',
      },
      {
        name: 'apiKey',
        glance: 'api_key',
        type: 'secret',
        default: null,
        required: true,
        secret: true,
        deprecated: null,
        help: 'Key.',
      },
    ])
  })
})
