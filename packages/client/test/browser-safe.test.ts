import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

it('needs nothing of Node in the modules a browser loads', async () => {
  const modules = new Map<string, string>()
  const visit = async (url: URL): Promise<void> => {
    if (modules.has(url.href)) return
    const text = await readFile(url, 'utf8')
    modules.set(url.href, text)
    for (const [, target = ''] of text.matchAll(/from '(\.[^']+)'/g)) await visit(new URL(target, url))
  }

  await visit(new URL('../src/index.ts', import.meta.url))

  expect(modules.size).toBeGreaterThan(10)
  for (const [name, text] of modules) {
    expect(text, name).not.toMatch(/from '(node:|undici)|\b(Buffer|process|setImmediate)\b\./)
  }
})
