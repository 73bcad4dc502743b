/** A process that begins an upload, says so on its standard output, and waits to be killed. Arguments: the options as JSON, and the image id. */
import { noopLogger, parseOptions } from '@glance/core'
import rbdDriver, { rbdOptions } from '../../src/index.ts'

const [raw = '{}', imageId = ''] = process.argv.slice(2)
const { values } = parseOptions(rbdOptions, JSON.parse(raw))
if (!values) throw new Error('options that cannot be read')
const { signal } = new AbortController()
const driver = await rbdDriver.open(values, { storeId: 'killed', logger: noopLogger, signal })

async function* data(): AsyncGenerator<Uint8Array, void, void> {
  yield new Uint8Array(20 * 1024 * 1024).fill(1)
  console.log('uploading')
  await new Promise<void>((resolve) => setTimeout(resolve, 600_000))
}

await driver.add(imageId, data(), { size: null, signal })
