/** Opens a store on a directory, begins an upload that never ends, and says so. Started as a process of its own, to be killed. */
import { noopLogger, parseOptions } from '@glance/core'
import fileDriver from '../../src/index.ts'

const [directory, imageId = ''] = process.argv.slice(2)
const { values } = parseOptions(fileDriver.options, { filesystem_store_datadir: directory })
if (values === null) throw new Error('the options are wrong')
const { signal } = new AbortController()
const driver = await fileDriver.open(values, { storeId: 'child', logger: noopLogger, signal })

async function* data(): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.alloc(1_000_000, 1)
  process.stdout.write('uploading\n')
  // Something has to keep the process alive.
  const hour = setInterval(() => {}, 3_600_000)
  await new Promise<never>(() => {})
  clearInterval(hour)
}

await driver.add(imageId, data(), { size: null, signal })
