import { readFile } from 'node:fs/promises'
import { describeOptions } from '@glance/core'
import { expect, it } from 'vitest'
import { tapeOptions } from '../src/index.ts'

const here = (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8')
const guide = await here('../../docs/write-a-driver.md')

/** Blocks of the guide that quote a file of this package. */
const quotes = [...guide.matchAll(/<!-- file: (\S+) -->\n```\w+\n(.*?)```\n/gs)].map(([, file = '', text = '']) => ({
  file,
  text,
}))

/** A vendor's manifest is published and lies in no workspace; nothing else of it differs. */
function asVendor(file: string, text: string): string {
  if (file !== 'package.json') return text
  return text.replace('  "private": true,\n', '').replaceAll('workspace:^', '^1.0.0')
}

it.each(quotes)('$file stands in the guide as it is', async ({ file, text }) => {
  expect(text).toBe(asVendor(file, await here(file)))
})

it('every file that makes up the driver stands in the guide', () => {
  const files = ['index', 'driver', 'tape', 'errors'].map((name) => `src/${name}.ts`)

  expect(quotes.map(({ file }) => file).sort()).toEqual(
    [...files, 'package.json', 'tsconfig.json', 'test/conformance.test.ts'].sort(),
  )
})

it('the README tells every option', async () => {
  const readme = await here('README.md')

  for (const { glance, help } of describeOptions(tapeOptions)) {
    expect(readme).toContain(`\`${glance}\``)
    expect(readme).toContain(help)
  }
})
