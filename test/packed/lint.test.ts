import { describe, expect, it } from 'vitest'
import { tarballProblems } from '../../tools/pack.ts'
import { packagesBelow, repositoryRoot } from '../../tools/workspace.ts'
import { packAll } from '../support/packed-packages.ts'

const timeoutMs = 300_000

describe('packed packages', () => {
  it.each(packagesBelow(repositoryRoot, 'packages'))(
    '$name is accepted by publint and attw',
    async (subject) => {
      const tarballs = await packAll()

      expect(await tarballProblems(subject, tarballs.get(subject.name) ?? '')).toEqual([])
    },
    timeoutMs,
  )
})
