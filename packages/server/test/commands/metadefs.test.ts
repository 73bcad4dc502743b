import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { metadefsCommand } from '../../src/commands/metadefs.ts'
import { temporaryFolder } from '../support/folder.ts'

const stock = fileURLToPath(new URL('../../src/metadefs/', import.meta.url))

/** Runs the command on a data folder; what it prints is kept. */
async function run(dataDir: string, ...args: string[]) {
  const printed: string[] = []
  const complained: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
  vi.spyOn(console, 'error').mockImplementation((line: string) => void complained.push(line))
  const code = await metadefsCommand.run([...args, '--data-dir', dataDir], {})
  return { code, printed, complained }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('glance-server metadefs', () => {
  it('loads the stock definitions once, and takes everything back', async () => {
    using folder = temporaryFolder()
    const count = readdirSync(stock).length

    const first = await run(folder.path, 'load')
    const second = await run(folder.path, 'load')

    expect([first.code, first.printed.filter((line) => line.endsWith(': added')).length]).toEqual([0, count])
    expect(first.printed.at(-1)).toBe(`${count} of ${count} files loaded`)
    expect(second.printed.filter((line) => line.endsWith(': skipped'))).toHaveLength(count)
    expect((await run(folder.path, 'unload')).printed).toEqual([`${count} namespaces removed`])
  })

  it('exports what a second database loads and exports just so', async () => {
    using folder = temporaryFolder()
    using other = temporaryFolder()
    const [out, again] = [join(folder.path, 'out'), join(other.path, 'out')]

    await run(folder.path, 'load')
    await run(folder.path, 'export', '--path', out)
    await run(other.path, 'load', '--path', out)
    await run(other.path, 'export', '--path', again)

    expect(readdirSync(again)).toEqual(readdirSync(out))
    for (const file of readdirSync(out))
      expect(readFileSync(join(again, file), 'utf8')).toBe(readFileSync(join(out, file), 'utf8'))
  })

  it('tells a file that cannot be loaded, and loads the others', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'a.json'), '{"namespace":')
    writeFileSync(join(folder.path, 'b.json'), '{"namespace": "n", "properties": {"p": {"title": 7}}}')
    writeFileSync(join(folder.path, 'c.json'), '{"namespace": "good", "display_name": null}')

    const { code, printed, complained } = await run(folder.path, 'load', '--path', folder.path)

    expect([code, printed]).toEqual([1, ['good: added', '1 of 3 files loaded']])
    expect(complained).toEqual([expect.stringContaining('a.json'), expect.stringContaining('"properties/p"')])
  })

  it.each([
    [['--merge'], 'merged'],
    [['--merge', '--prefer-new'], 'merged'],
    [['--merge', '--prefer_new'], 'merged'],
    [['--merge', '--overwrite'], 'replaced'],
  ])('with %j says what became of a namespace: %s', async (args, outcome) => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'n.json')
    writeFileSync(file, '{"namespace": "n"}')
    await run(folder.path, 'load', '--path', file)

    expect((await run(folder.path, 'load', '--path', file, ...args)).printed[0]).toBe(`n: ${outcome}`)
  })

  it.each([
    [[], 'usage: glance-server metadefs'],
    [['load', 'x'], 'usage: glance-server metadefs'],
    [['load', '--prefer-new'], 'need --merge'],
    [['load', '--merge', '--prefer-new', '--overwrite'], 'exclude each other'],
    [['unload', '--merge'], 'belong to load'],
    [['export'], 'needs --path'],
    [['load', '--path', '/nonexistent/metadefs'], 'cannot be read'],
    [['load', '--nonsense'], '--nonsense'],
  ])('refuses %j', async (args, message) => {
    using folder = temporaryFolder()

    await expect(run(folder.path, ...args)).rejects.toThrow(message)
  })
})
