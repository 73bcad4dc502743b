import { describe, expect, it } from 'vitest'
import { parseIni } from '../../src/config/ini.ts'

/** Settings of a text as `group/key=value` lines. */
function read(text: string): string[] {
  return parseIni(text, 'a.conf').settings.map(({ group, key, value }) => `${group}/${key}=${value}`)
}

describe('parseIni', () => {
  it('reads groups, both separators, comments and settings before the first group', () => {
    expect(read('a = 1\n[g]\n# no\n; no\nb: 2\nc =\n\n[h] # why\nd=x # y\n')).toEqual([
      'DEFAULT/a=1',
      'g/b=2',
      'g/c=',
      'h/d=x # y',
    ])
  })

  it('keeps every occurrence of a repeated key, in order', () => {
    expect(read('[g]\na=1\na=2\n')).toEqual(['g/a=1', 'g/a=2'])
  })

  it('joins lines that start with a blank to the value before them', () => {
    expect(read('[g]\na = one,\n  two,\n\tthree\nb = 4\n')).toEqual(['g/a=one,\ntwo,\nthree', 'g/b=4'])
  })

  it('drops one pair of quotes around a whole value only', () => {
    expect(read('a="x y"\nb=\'z\'\nc="1","2"\nd=it\'s\n')).toEqual([
      'DEFAULT/a=x y',
      'DEFAULT/b=z',
      'DEFAULT/c="1","2"',
      "DEFAULT/d=it's",
    ])
  })

  it('takes values with separators in them and files from Windows', () => {
    expect(read('\uFEFF[g]\r\nurl = http://u:p@h:80/?a=b\r\n')).toEqual(['g/url=http://u:p@h:80/?a=b'])
  })

  it('tells the line of what it cannot read and goes on', () => {
    const { settings, problems } = parseIni('[g]\nnonsense\n[]\na=1\n', 'a.conf')

    expect(problems.map((problem) => problem.place)).toEqual([
      { file: 'a.conf', line: 2 },
      { file: 'a.conf', line: 3 },
    ])
    expect(settings).toHaveLength(1)
    expect(settings[0]?.place).toEqual({ file: 'a.conf', line: 4 })
  })
})
