/**
 * One image through the RBD driver in a process of its own: `put FILE` or `get`, with the options as JSON. Prints seconds, from the opening of the store to the end, the peak of memory, and
 * how long the event loop was held up at most.
 */
import { open } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseOptions } from '@glance/core'
import rbdDriver, { rbdOptions } from '@glance/driver-rbd'

const [action, raw = '{}', file = ''] = process.argv.slice(2)
const { values } = parseOptions(rbdOptions, JSON.parse(raw))
if (!values) throw new Error('options that cannot be read')
const log = (): void => {}
const { signal } = new AbortController()

/** A file in pieces of 1 MiB, whose memory is used again, as the server hands them over. */
async function* pieces(path: string): AsyncGenerator<Uint8Array, void, void> {
  const handle = await open(path)
  const buffer = Buffer.alloc(1024 * 1024)
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const started = performance.now()
const logger = { debug: log, info: log, warn: log, error: log }
const driver = await rbdDriver.open(values, { storeId: 'bench', logger, signal })
let bytes = 0
if (action === 'put') {
  const handle = await open(file)
  const { size } = await handle.stat()
  await handle.close()
  bytes = (await driver.add('bench', pieces(file), { size, signal })).size
} else {
  const { body } = await driver.get(`${driver.locationPrefixes[0]}bench/snap`, { offset: 0, length: null, signal })
  for await (const chunk of body) bytes += chunk.byteLength
}
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage()
const peakMiB = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ seconds, bytes, peakMiB, cpuSeconds: (user + system) / 1e6, delayMs: delay.max / 1e6 }))
await driver.close()
