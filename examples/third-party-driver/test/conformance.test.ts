import { readdir, rm } from 'node:fs/promises'
import { describeStoreDriver } from '@glance/conformance'
import { describe, it } from 'vitest'
import tapeDriver from '../src/index.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

describeStoreDriver({ describe, it }, 'tape', {
  definition: tapeDriver,
  options: async () => ({ library: await temporaryDirectory() }),
  release: ({ library }) => rm(String(library), { recursive: true }),
  leftovers: async ({ library }) => [
    ...(await readdir(`${library}/images`)),
    ...(await readdir(`${library}/unfinished`)),
  ],
  unreachable: async () => ({ library: '/there/is/no/such/directory' }),
})
