import { describe, expect, it } from 'vitest'
import { imageSchema, imagesSchema } from '../../src/index.ts'
import { settings } from '../support/world.ts'

describe('imageSchema', () => {
  const schema = imageSchema(settings)

  it('lists the members in the order from which command lines make their options', () => {
    expect(Object.keys(schema.properties).join(' ')).toBe(
      'id name status visibility protected os_hidden checksum os_hash_algo os_hash_value owner size virtual_size container_format disk_format ' +
        'created_at updated_at tags direct_url min_ram min_disk self file schema locations',
    )
  })

  it('marks what the server alone writes as read-only', () => {
    const readOnly = Object.entries(schema.properties).filter(([, member]) => 'readOnly' in member && member.readOnly)

    expect(readOnly.map(([name]) => name).join(' ')).toBe(
      'status checksum os_hash_algo os_hash_value size virtual_size created_at updated_at direct_url self file schema',
    )
  })

  it('takes the enumerations of formats from the settings, with null for not set', () => {
    expect(schema.properties['disk_format']).toMatchObject({
      type: ['null', 'string'],
      enum: [null, 'raw', 'qcow2', 'iso'],
    })
    expect(schema.properties['container_format']).toMatchObject({ enum: [null, 'ami', 'bare', 'ovf'] })
  })

  it('lets additional properties be texts and links the image, its data and its schema', () => {
    expect(schema.additionalProperties).toEqual({ type: 'string' })
    expect(schema.links).toEqual([
      { rel: 'self', href: '{self}' },
      { rel: 'enclosure', href: '{file}' },
      { rel: 'describedby', href: '{schema}' },
    ])
  })

  it('can be turned into JSON and back without loss', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  })
})

describe('imagesSchema', () => {
  it('is a page of images with its links', () => {
    const schema = imagesSchema(settings)

    expect(Object.keys(schema.properties)).toEqual(['images', 'first', 'next', 'schema'])
    expect(schema.properties['images']).toEqual({ type: 'array', items: imageSchema(settings) })
    expect(schema.links.map(({ rel }) => rel)).toEqual(['first', 'next', 'describedby'])
  })
})
