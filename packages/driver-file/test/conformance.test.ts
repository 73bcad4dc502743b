import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describeStoreDriver, type Harness, type RawOptions } from '@glance/conformance'
import { describe, it } from 'vitest'
import fileDriver from '../src/index.ts'
import { imageFiles } from './support/image-files.ts'
import { newDirectory } from './support/temporary-directory.ts'

/** A harness over new directories; `options` gets the parent of them. */
function harness(names: readonly string[], optionsFor: (paths: readonly string[]) => RawOptions): Harness {
  const parents = new Map<RawOptions, string>()
  const parentOf = (options: RawOptions): string => parents.get(options) ?? ''
  return {
    definition: fileDriver,
    async options() {
      const parent = await newDirectory()
      const options = optionsFor(names.map((name) => join(parent, name)))
      parents.set(options, parent)
      return options
    },
    release: (options) => rm(parentOf(options), { recursive: true, force: true }),
    leftovers: (options) => imageFiles(...names.map((name) => join(parentOf(options), name))),
  }
}

const runner = { describe, it }

describeStoreDriver(
  runner,
  'driver-file',
  harness(['images'], ([path]) => ({ filesystem_store_datadir: path })),
)

describeStoreDriver(
  runner,
  'driver-file, thin provisioning',
  harness(['images'], ([path]) => ({ filesystem_store_datadir: path, filesystem_thin_provisioning: 'true' })),
)

describeStoreDriver(
  runner,
  'driver-file, several directories',
  harness(['first', 'second', 'third'], ([first, second, third]) => ({
    filesystem_store_datadirs: [`${first}:10`, `${second}:10`, `${third}`],
  })),
)
