import { describe, expect, it } from 'vitest'
import { type DocumentedOption, optionsTable, withBlock } from '../../tools/options-block.ts'

const startMarker = '<!-- options:start -->'
const endMarker = '<!-- options:end -->'

function anOption(facts: Partial<DocumentedOption> = {}): DocumentedOption {
  return {
    name: 'dataDir',
    glance: 'filesystem_store_datadir',
    type: 'path',
    default: null,
    required: false,
    secret: false,
    help: 'Where data lies.',
    ...facts,
  }
}

function rowOf(facts: Partial<DocumentedOption>): string | undefined {
  return optionsTable([anOption(facts)], true).split('\n')[2]
}

describe('optionsTable', () => {
  it('has a row for each option, with the name in files first', () => {
    expect(optionsTable([anOption({ default: '/srv' })], true)).toBe(
      [
        '| Option | In code | Type | Default | Meaning |',
        '| --- | --- | --- | --- | --- |',
        '| `filesystem_store_datadir` | `dataDir` | path | `/srv` | Where data lies. |',
      ].join('\n'),
    )
  })

  it('leaves out the names in code when they are not asked for', () => {
    expect(optionsTable([anOption()], false)).not.toContain('dataDir')
  })

  it.each([
    [{ required: true }, '**required**'],
    [{ default: '' }, '| empty |'],
    [{}, '| – |'],
    [{ secret: true }, 'Where data lies. Never shown in logs or answers.'],
    [{ deprecated: 'use that' }, 'Where data lies. Deprecated: use that'],
    [{ help: 'a | b\n c' }, '| a \\| b c |'],
    [{ default: 'a`b' }, '| ``a`b`` |'],
  ])('shows %j as %j', (facts, expected) => {
    expect(rowOf(facts)).toContain(expected)
  })
})

describe('withBlock', () => {
  it('replaces what is between the markers and keeps the rest', () => {
    const document = `a\n${startMarker}\nold\n${endMarker}\nz\n`

    const once = withBlock(document, 'new')

    expect(once).toBe(`a\n${startMarker}\n\nnew\n\n${endMarker}\nz\n`)
    expect(withBlock(once, 'new')).toBe(once)
  })

  it.each(['', startMarker, `${endMarker}${startMarker}`, `${startMarker}${startMarker}${endMarker}`])(
    'refuses the document %j',
    (document) => {
      expect(() => withBlock(document, 'new')).toThrow('needs one')
    },
  )
})
