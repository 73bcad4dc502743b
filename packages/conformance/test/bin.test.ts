import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runNode } from './support/run-node.ts'

const bin = 'bin/glance-conformance.mjs'

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'conformance-test-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

describe('glance-conformance', () => {
  it('prints a line for each case and exits with 0 when nothing failed', async () => {
    const { status, output } = await runNode([bin, './test/support/modules/toy-harness.ts'])

    expect(output).toMatch(/^ok {3}add\/empty {2}stores an empty image$/m)
    expect(output).toMatch(/^- {4}refusals\/add .* \(add is declared\)$/m)
    expect(output).toMatch(/^toy: \d+ of \d+ cases in \d+ groups passed, 0 failed, \d+ not applicable$/m)
    expect(status).toBe(0)
  })

  it('explains each failure and exits with 1', async () => {
    const { status, output } = await runNode([bin, './test/support/modules/broken-toy.ts', '--only', 'size'])

    expect(output).toMatch(/^FAIL size\/exact .*\n {7}getSize answered 7 for 70001 bytes\n {7}catches: /m)
    expect(output).toMatch(/, 3 failed, 0 not applicable$/m)
    expect(status).toBe(1)
  })

  it('opens a driver with options from a file and gives every store its own', async () => {
    const folder = await directory()
    await writeFile(join(folder, 'options.json'), '{ "toy_root": "{unique}", "attempts": 5 }')

    const module = './test/support/modules/toy-driver.ts'
    const { status, output } = await runNode([bin, module, '--options', join(folder, 'options.json')])

    expect(output).toMatch(/^ok {3}locations\/other-store /m)
    expect(output).toMatch(/, 0 failed,/)
    expect(status).toBe(0)
  })

  it('makes temporary directories for options and removes them', async () => {
    const folder = await directory()
    await writeFile(join(folder, 'options.json'), '{ "toy_root": "{temporary}" }')

    const args = [
      './test/support/modules/toy-driver.ts',
      '--options',
      join(folder, 'options.json'),
      '--only',
      'add/empty',
    ]
    const { output } = await runNode([bin, ...args], { TMPDIR: folder })

    expect(output).toMatch(/^(ok {3}|FAIL)/m)
    expect(await readdir(folder)).toEqual(['options.json'])
  })

  it('writes a report that a program can read', async () => {
    const file = join(await directory(), 'report.json')

    await runNode([bin, './test/support/modules/toy-harness.ts', '--only', 'size,refusals/add', '--report', file])

    const report = JSON.parse(await readFile(file, 'utf8'))
    expect(report).toMatchObject({
      version: 1,
      driver: 'toy',
      contract: 1,
      capabilities: { add: true, maxImageBytes: null },
      results: [
        { id: 'size/exact', outcome: 'passed', reason: null },
        { id: 'size/empty', outcome: 'passed', reason: null },
        { id: 'size/missing', outcome: 'passed', reason: null },
        { id: 'refusals/add', outcome: 'not-applicable', reason: 'add is declared' },
      ],
    })
  })

  it.each([
    [[], 'name one module'],
    [['./test/support/modules/no-driver.ts'], 'neither a driver definition nor a harness'],
    [['./test/support/modules/nowhere.ts'], 'Cannot find module'],
    [['./test/support/modules/toy-harness.ts', '--only', 'adds'], 'there is no case or group "adds"'],
    [['./test/support/modules/toy-harness.ts', '--volatile'], 'says itself how its stores are opened'],
    [['--loud'], "Unknown option '--loud'"],
  ])('exits with 2 when it cannot run: %j', async (args, message) => {
    const { status, output } = await runNode([bin, ...args])

    expect(output).toContain(message)
    expect(status).toBe(2)
  })
})
