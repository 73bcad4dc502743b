import { describe, expect, it } from 'vitest'
import { displayWidth, visible } from '../src/display-width.ts'

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['ｱ', 1],
    ['Ａ', 2],
    ['한국', 4],
    ['😀', 2],
    ['👩‍👩‍👧', 2],
    ['a\u200bb', 2],
  ])('of "%s" is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('visible', () => {
  it('shows control characters by number and keeps newlines', () => {
    expect(visible('a\u001b[2J\tb\n\u009bc')).toBe('a\\x1b[2J\\x09b\n\\x9bc')
  })
})
