/** Run with `node --test`: the module that is named in the environment, under the runner of Node. */
import { describe, it } from 'node:test'
import { describeStoreDriver, type Harness } from '../../../src/index.ts'

const { default: harness }: { default: Harness } = await import(`./${process.env['HARNESS']}.ts`)

describeStoreDriver({ describe, it }, 'a toy under node:test', harness)
