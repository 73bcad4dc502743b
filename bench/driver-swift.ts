/**
 * The swift driver against OpenStack's own client (`swift`, python-swiftclient), both on one real Swift in one run, with segments of the same size and number under way.
 *
 * Each measure of the driver is a process of its own, so that its peak of memory is its own. Rounds alternate, and the middle one counts.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { noopLogger, parseOptions } from '@glance/core'
import swiftDriver from '@glance/driver-swift'
import { startSwift, swiftKey } from '../test/support/swift-process.ts'
import { median, type Row } from './support/table.ts'

const run = promisify(execFile)
const mebibyte = 1024 ** 2
const user = 'test:tester'

/** One measure. */
interface Sample {
  readonly seconds: number
  readonly peakMiB: number
}

/** Measures and returns the rows of the table. @param settings - `size` in MiB */
export async function driverSwift({ size, rounds }: { size: number; rounds: number }): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'glance-bench-swift-'))
  const file = join(folder, 'image')
  writeFileSync(file, '')
  truncateSync(file, size * mebibyte)
  await using swift = await startSwift()
  try {
    const native = (...args: readonly string[]): Promise<Sample> =>
      timed('swift', ['-A', swift.authUrl, '-U', user, '-K', swiftKey(user), ...args])
    const ours = (...args: readonly string[]): Promise<Sample> =>
      timed(process.execPath, [
        '--conditions=@glance/source',
        import.meta.filename,
        swift.authUrl,
        String(size),
        ...args,
      ])
    const samples = new Map<string, Sample[]>()
    const note = (name: string, sample: Sample): void => void samples.set(name, [...(samples.get(name) ?? []), sample])
    const segments = ['-S', String(32 * mebibyte), '--use-slo', '--segment-threads', '4']
    for (let round = 0; round < rounds; round += 1) {
      note('put, client', await native('upload', 'client', file, '--object-name', 'image', ...segments))
      note('put, driver', await ours('put'))
      note('get, client', await native('download', 'client', 'image', '-o', '/dev/null'))
      note('get, driver', await ours('get', '1'))
      note('get in 3 ranges, driver', await ours('get', '3'))
      await native('delete', 'client')
      await ours('delete')
    }
    const secondsOf = (name: string): number => median((samples.get(name) ?? []).map(({ seconds }) => seconds))
    const peakOf = (name: string): number => Math.max(...(samples.get(name) ?? []).map(({ peakMiB }) => peakMiB))
    return [...samples.keys()].map((name) => ({
      what: `${name}, ${size} MiB`,
      'MB/s': ((size * mebibyte) / 1e6 / secondsOf(name)).toFixed(0),
      'peak RSS, MiB': name.endsWith('driver') ? peakOf(name).toFixed(0) : '',
      ratio: name.endsWith('driver')
        ? (secondsOf(`${name.startsWith('put') ? 'put' : 'get'}, client`) / secondsOf(name)).toFixed(2)
        : '',
    }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a command; what it says of itself on its last line counts before the time of the whole process. */
async function timed(command: string, args: readonly string[]): Promise<Sample> {
  const started = performance.now()
  const { stdout } = await run(command, [...args], { maxBuffer: 64 * mebibyte })
  const seconds = (performance.now() - started) / 1000
  const said = stdout.startsWith('{"seconds"') ? (JSON.parse(stdout) as Sample) : null
  return said ?? { seconds, peakMiB: 0 }
}

/** The driver's side: one operation, its time and the peak of memory of this process. */
async function measureDriver([
  authUrl = '',
  size = '0',
  operation = '',
  ranges = '1',
]: readonly string[]): Promise<void> {
  const parsed = parseOptions(swiftDriver.options, {
    swift_store_auth_version: '1',
    swift_store_auth_address: authUrl,
    swift_store_user: user,
    swift_store_key: swiftKey(user),
    swift_store_create_container_on_put: true,
    swift_store_large_object_size: '32MiB',
    swift_store_download_ranges: ranges,
  })
  if (!parsed.values) throw new Error(JSON.stringify(parsed.issues))
  const { signal } = new AbortController()
  const started = performance.now()
  const driver = await swiftDriver.open(parsed.values, { storeId: 'bench', logger: noopLogger, signal })
  const location = 'swift+config://ref1/glance/image'
  const bytes = Number(size) * mebibyte
  if (operation === 'put') await driver.add('image', zeros(bytes), { size: bytes, signal })
  else if (operation === 'delete') await driver.delete(location, { signal })
  else {
    const { body } = await driver.get(location, { offset: 0, length: null, signal })
    let read = 0
    for await (const chunk of body) read += chunk.byteLength
    if (read !== bytes) throw new Error(`read ${read} bytes`)
  }
  const seconds = (performance.now() - started) / 1000
  await driver.close()
  process.stdout.write(JSON.stringify({ seconds, peakMiB: process.resourceUsage().maxRSS / 1024 }))
}

async function* zeros(bytes: number): AsyncGenerator<Uint8Array, void, void> {
  const chunk = new Uint8Array(512 * 1024)
  for (let sent = 0; sent < bytes; sent += chunk.byteLength)
    yield chunk.subarray(0, Math.min(chunk.byteLength, bytes - sent))
}

if (process.argv[1] === import.meta.filename) await measureDriver(process.argv.slice(2))
