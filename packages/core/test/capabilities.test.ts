import { describe, expect, it } from 'vitest'
import { type Ability, assertCapability, type StoreCapabilities } from '../src/index.ts'

const none: StoreCapabilities = { add: false, delete: false, randomRead: false, setAcls: false, maxImageBytes: null }

describe('assertCapability', () => {
  it.each<[Ability, string, string]>([
    ['add', 'READ_ONLY', 'store fast does not take new image data'],
    ['delete', 'UNSUPPORTED', 'store fast does not delete image data'],
    ['randomRead', 'UNSUPPORTED', 'store fast cannot read a part of an image'],
    ['setAcls', 'UNSUPPORTED', 'store fast has no access lists of its own'],
    ['copy', 'UNSUPPORTED', 'store fast does not copy image data by itself'],
    ['directUrl', 'UNSUPPORTED', 'store fast gives no direct URLs'],
  ])('refuses a missing %s with %s', (ability, code, message) => {
    expect(() => assertCapability(none, ability, 'fast')).toThrow(expect.objectContaining({ code, message }))
    expect(() => assertCapability({ ...none, [ability]: true }, ability, 'fast')).not.toThrow()
  })
})
