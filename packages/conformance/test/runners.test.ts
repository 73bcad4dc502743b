import { describe, expect, it } from 'vitest'
import { describeStoreDriver, type Runner, suite } from '../src/index.ts'
import { runNode } from './support/run-node.ts'
import { toyHarness } from './support/toy.ts'

describeStoreDriver({ describe, it }, 'a toy under vitest', toyHarness())

const underNodeTest = ['--test', '--test-reporter=tap', 'test/support/modules/under-node-test.ts']

describe('under node:test', () => {
  it('passes a correct driver and skips what is not applicable', async () => {
    const { status, output } = await runNode(underNodeTest, { HARNESS: 'toy-harness' })

    expect(output).toMatch(/^# fail 0$/m)
    expect(output).toMatch(/# SKIP add is declared/)
    expect(status).toBe(0)
  })

  it('fails a broken driver with the case, the bug, the seed and the size', async () => {
    const { status, output } = await runNode(underNodeTest, { HARNESS: 'broken-toy' })

    expect(output).toMatch(/size\/exact: getSize answered 7 for 70001 bytes/)
    expect(output).toMatch(/catches: the size of the allocation/)
    expect(output).toMatch(/payloads: seed \d+, size 70001/)
    expect(status).toBe(1)
  })
})

/** A runner that collects tests, by the names of their blocks. */
function collecting(): Runner & { readonly tests: Map<string, (this: unknown) => Promise<void>> } {
  const tests = new Map<string, (this: unknown) => Promise<void>>()
  const blocks: string[] = []
  return {
    tests,
    describe(name, body) {
      blocks.push(name)
      body()
      blocks.pop()
    },
    it: (name, body) => tests.set([...blocks, name].join(' > '), body),
  }
}

describe('a runner of any kind', () => {
  it('gets one test for each case, with no parameter that could be taken for a callback', () => {
    const runner = collecting()

    describeStoreDriver(runner, 'a toy', toyHarness())

    expect(runner.tests.size).toBe(suite.length)
    expect([...runner.tests.values()].map((body) => body.length)).not.toContain(1)
  })

  it('is asked to skip through `this`, as mocha wants it', async () => {
    const runner = collecting()
    describeStoreDriver(runner, 'a toy', toyHarness())
    const reasons: string[] = []

    const title = suite.find(({ id }) => id === 'refusals/add')?.title ?? ''
    await runner.tests.get(`a toy > refusals > ${title}`)?.call({ skip: (reason: string) => reasons.push(reason) })

    expect(reasons).toEqual(['add is declared'])
  })
})
