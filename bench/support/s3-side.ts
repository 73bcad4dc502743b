/** One side of bench/driver-s3.ts: the driver in a process of its own. Reads its orders from the environment and prints what it measured as JSON. */
import { readFileSync, writeFileSync } from 'node:fs'
import { noopLogger, parseOptions } from '@glance/core'
import s3 from '@glance/driver-s3'

const { options, bytes } = JSON.parse(process.env['BENCH_S3'] ?? '{}') as {
  options: Record<string, string>
  bytes: number
}

/** Data that nothing can compress, in memory that is used again. */
async function* data(): AsyncGenerator<Uint8Array, void, void> {
  const memory = new Uint8Array(512 * 1024).map((_, index) => (index * 2_654_435_761) >>> 13)
  for (let left = bytes; left > 0; left -= memory.byteLength)
    yield memory.subarray(0, Math.min(left, memory.byteLength))
}

/** Runs something and tells its rate, and the most memory of the process meanwhile. */
async function measured(
  work: () => Promise<unknown>,
): Promise<{ readonly mbPerSecond: number; readonly peakMiB: number }> {
  writeFileSync('/proc/self/clear_refs', '5')
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return { mbPerSecond: bytes / 1e6 / seconds, peakMiB: Number(peak) / 1024 }
}

const quiet = new AbortController().signal
const context = { storeId: 'bench', signal: quiet, logger: noopLogger }
// The driver alone: the digests of `Store` are measured by the data path.

const { values } = parseOptions(s3.options, options)
if (!values) throw new Error('the options are wrong')
const driver = await s3.open(values, context)
let location = ''
const put = await measured(async () => {
  location = (await driver.add('bench', data(), { size: bytes, signal: quiet })).location
})
const get = await measured(async () => {
  const { body } = await driver.get(location, { offset: 0, length: null, signal: quiet })
  let total = 0
  for await (const piece of body) total += piece.byteLength
  if (total !== bytes) throw new Error(`${total} bytes came of ${bytes}`)
})
await driver.delete(location, { signal: quiet })
await driver.close()
console.log(JSON.stringify({ put, get }))
