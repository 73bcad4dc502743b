import { describe, expect, it } from 'vitest'
import { assertImageId, isImageId } from '../src/index.ts'

describe('isImageId', () => {
  it.each(['a', '7', '5e5a9ca8-1c9b-4a3f-8f0e-2f2a4a0f9d11', 'a.b_c-d', 'x'.repeat(255)])('takes %s', (id) => {
    expect(isImageId(id)).toBe(true)
    expect(() => assertImageId(id)).not.toThrow()
  })

  it.each(['', '.', '..', '.a', '-a', '_a', 'a/b', 'a\\b', 'a b', 'a\n', 'a\0', 'ä', 'a%2Fb', 'a?b', 'x'.repeat(256)])(
    'refuses %j, which assertImageId takes for a bug',
    (id) => {
      expect(isImageId(id)).toBe(false)
      expect(() => assertImageId(id)).toThrow(TypeError)
    },
  )
})
