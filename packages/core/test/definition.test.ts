import { describe, expect, it } from 'vitest'
import { contractVersion, defineDriver, isDriverDefinition } from '../src/index.ts'
import { ToyDriver } from './support/toy-driver.ts'

const copy: typeof import('../src/definition.ts') = await import(
  new URL('../src/definition.ts?second', import.meta.url).href
)
const input = { name: 'toy', schemes: ['toy'], options: {}, open: async () => new ToyDriver({}) }

describe('defineDriver', () => {
  it('fills in the contract and the older names', () => {
    expect(defineDriver(input)).toMatchObject({ ...input, contract: contractVersion, aliases: [] })
    expect(defineDriver({ ...input, contract: 7, aliases: ['old.Store'] })).toMatchObject({
      contract: 7,
      aliases: ['old.Store'],
    })
  })

  it('gives a definition that nobody changes', () => {
    expect(Object.isFrozen(defineDriver(input))).toBe(true)
  })

  it.each(['', 'S3', '3s', 's3_x', 'a b', '-a', '@glance/x'])('refuses the name %j', (name) => {
    expect(() => defineDriver({ ...input, name })).toThrow(TypeError)
  })

  it.each([[[]], [['']], [['toy', 'Toy']], [['toy:']], [['3toy']]])('refuses the schemes %j', (schemes) => {
    expect(() => defineDriver({ ...input, schemes })).toThrow(TypeError)
  })
})

describe('isDriverDefinition', () => {
  it('knows definitions, also of another copy of the package', () => {
    expect(isDriverDefinition(defineDriver(input))).toBe(true)
    expect(isDriverDefinition(copy.defineDriver(input))).toBe(true)
    expect(copy.isDriverDefinition(defineDriver(input))).toBe(true)
  })

  it.each([null, undefined, 'toy', input, () => {}])('says no to %s', (value) => {
    expect(isDriverDefinition(value)).toBe(false)
  })
})
