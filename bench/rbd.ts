/**
 * The RBD driver against Ceph's own `rbd import` and `rbd export`, on a Ceph of this run. Rounds alternate between the two, and the middle one counts.
 */
import { execFile, spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type CephProcess, startCeph } from '../test/support/ceph-process.ts'
import { median, type Row } from './support/table.ts'

const run = promisify(execFile)

interface Sample {
  readonly seconds: number
  readonly peakMiB: number
  readonly cpuSeconds: number
  readonly delayMs: number
}

/** Size of the image in MiB, and how often. */
export interface RbdBenchSettings {
  readonly mib: number
  readonly rounds: number
}

/** Measures and returns the rows of the table. */
export async function rbd({ mib, rounds }: RbdBenchSettings): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'glance-bench-'))
  const file = join(folder, 'image')
  const piece = Buffer.alloc(16 * 1024 * 1024)
  for (let written = 0; written < mib; written += 16) appendFileSync(file, randomFillSync(piece))
  const ceph = await startCeph()
  try {
    const samples = { put: [] as Sample[], get: [] as Sample[], import: [] as number[], export: [] as number[] }
    // One round more, which does not count: the first writes go to new memory.
    for (let round = 0; round <= rounds; round += 1) {
      const native = [await importFile(ceph, file), await exportFile(ceph)] as const
      await ceph.run('rbd', 'rm', '--no-progress', 'images/native')
      const ours = [await driver(ceph, 'put', file), await driver(ceph, 'get', '')] as const
      await ceph.run('rbd', 'snap', 'unprotect', 'images/bench@snap')
      await ceph.run('rbd', 'snap', 'purge', '--no-progress', 'images/bench')
      await ceph.run('rbd', 'rm', '--no-progress', 'images/bench')
      if (round === 0) continue
      samples.import.push(native[0])
      samples.export.push(native[1])
      samples.put.push(ours[0])
      samples.get.push(ours[1])
    }
    return [
      ...rows(`put, ${mib} MiB`, 'rbd import', mib, samples.import, samples.put),
      ...rows(`get, ${mib} MiB`, 'rbd export', mib, samples.export, samples.get),
    ]
  } finally {
    await ceph[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

function importFile(ceph: CephProcess, file: string): Promise<number> {
  return timed(() => ceph.run('rbd', 'import', '--no-progress', file, 'images/native'))
}

function exportFile({ conf }: CephProcess): Promise<number> {
  return timed(async () => {
    const args = ['-c', conf, 'export', '--no-progress', 'images/native', '-']
    const child = spawn('rbd', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`rbd export ended with ${code}`)
  })
}

async function driver({ conf, user, pool }: CephProcess, action: string, file: string): Promise<Sample> {
  const options = JSON.stringify({ rbd_store_ceph_conf: conf, rbd_store_user: user, rbd_store_pool: pool })
  // As built: that is what users run.
  const args = [join(import.meta.dirname, 'rbd-load.ts'), action, options, file]
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } })
  return JSON.parse(stdout) as Sample
}

function rows(
  what: string,
  native: string,
  mib: number,
  theirs: readonly number[],
  ours: readonly Sample[],
): readonly Row[] {
  const rate = (seconds: number): number => (mib * 1.048576) / seconds
  const plain = rate(median(theirs))
  const own = rate(median(ours.map(({ seconds }) => seconds)))
  const most = (of: (sample: Sample) => number): string => Math.max(...ours.map(of)).toFixed(0)
  return [
    {
      what,
      side: native,
      'MB/s': plain.toFixed(0),
      'CPU s/GiB': '',
      'peak RSS, MiB': '',
      'loop held up, ms': '',
      ratio: '',
    },
    {
      what: '',
      side: 'driver-rbd',
      'MB/s': own.toFixed(0),
      'CPU s/GiB': ((median(ours.map(({ cpuSeconds }) => cpuSeconds)) * 1024) / mib).toFixed(2),
      'peak RSS, MiB': most(({ peakMiB }) => peakMiB),
      'loop held up, ms': most(({ delayMs }) => delayMs),
      ratio: `${(own / plain).toFixed(2)} x the rate`,
    },
  ]
}
