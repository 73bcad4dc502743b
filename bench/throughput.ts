/**
 * The data path against the plain way of doing it, both in one run: upload and download of one large image, and many uploads at once.
 *
 * Both servers are processes of their own on the same memory file system; the client is a third. CPU is what the kernel counts for the server, all threads; the peak of memory is reset before each
 * measure. Rounds alternate between the two, and the middle one counts, because other work on a shared machine comes in waves.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Measured, start } from './support/process.ts'
import { median, type Row } from './support/table.ts'

const here = import.meta.dirname
const run = promisify(execFile)

interface Sample {
  readonly mbPerSecond: number
  readonly cpuPerGiB: number
  readonly peakMiB: number
}

/** One server under measurement: how an upload of it is prepared, and where its data are. */
interface Side {
  readonly name: string
  readonly process: Measured
  readonly headers: Readonly<Record<string, string>>
  /** Paths to upload to, once each. */
  prepare(count: number): Promise<string[]>
  /** Removes what was uploaded. */
  forget(paths: readonly string[]): Promise<void>
}

/** Sizes in MiB; small ones for a quick look. */
export interface ThroughputSettings {
  readonly large: number
  readonly each: number
  readonly uploads: number
  readonly rounds: number
}

/** Measures and returns the rows of the table. */
export async function throughput(settings: ThroughputSettings): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'glance-bench-'))
  const sides = [await naive(join(folder, 'naive')), await ours(join(folder, 'ours'))] as const
  try {
    return [
      ...(await compare(`upload, 1 x ${settings.large} MiB`, sides, settings, (side) =>
        upload(side, 1, settings.large),
      )),
      ...(await compare(`upload, ${settings.uploads} x ${settings.each} MiB at once`, sides, settings, (side) =>
        upload(side, settings.uploads, settings.each),
      )),
      ...(await compare(`download, 1 x ${settings.large} MiB`, sides, settings, download(settings.large))),
    ]
  } finally {
    await Promise.all(sides.map((side) => side.process.end()))
    rmSync(folder, { recursive: true, force: true })
  }
}

async function naive(folder: string): Promise<Side> {
  const process = await start(join(here, 'naive-server.ts'), [folder])
  return {
    name: 'plain pipeline',
    process,
    headers: {},
    prepare: async (count) => Array.from({ length: count }, (_, index) => `/image-${index}`),
    // As with the server: what the next upload writes is new memory for both, which costs a virtual machine dearly.
    forget: async (paths) => {
      for (const path of paths) await fetch(`http://127.0.0.1:${process.port}${path}`, { method: 'DELETE' })
    },
  }
}

async function ours(folder: string): Promise<Side> {
  const token = 'benchmark-token-of-this-run'
  const process = await start(join(here, '..', 'packages', 'server', 'bin', 'glance-server.mjs'), [
    '--data-dir',
    folder,
    '--bind-host',
    '127.0.0.1',
    '--bind-port',
    '0',
    '--auth',
    'noauth',
  ])
  const headers = { 'x-auth-token': token }
  const base = `http://127.0.0.1:${process.port}`
  return {
    name: 'glance-server',
    process,
    headers,
    prepare: (count) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const body = JSON.stringify({ name: 'bench', disk_format: 'raw', container_format: 'bare' })
          const answer = await fetch(`${base}/v2/images`, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body,
          })
          const image = (await answer.json()) as { file: string }
          return image.file
        }),
      ),
    forget: async (paths) => {
      for (const path of paths) await fetch(base + path.replace(/\/file$/, ''), { method: 'DELETE', headers })
    },
  }
}

async function upload(side: Side, count: number, mib: number): Promise<Sample> {
  const paths = await side.prepare(count)
  const sample = await measured(side, 'upload', mib, paths)
  await side.forget(paths)
  return sample
}

function download(mib: number): (side: Side) => Promise<Sample> {
  const stored = new Map<Side, string[]>()
  return async (side) => {
    let paths = stored.get(side)
    if (!paths) {
      paths = await side.prepare(1)
      await load('upload', side, mib, paths)
      stored.set(side, paths)
    }
    return measured(side, 'download', mib, paths)
  }
}

async function measured(
  side: Side,
  kind: 'upload' | 'download',
  mib: number,
  paths: readonly string[],
): Promise<Sample> {
  side.process.resetPeak()
  const before = side.process.cpu()
  const seconds = await load(kind, side, mib, paths)
  const cpu = side.process.cpu() - before
  const total = mib * paths.length
  return { mbPerSecond: (total * 1.048576) / seconds, cpuPerGiB: (cpu * 1024) / total, peakMiB: side.process.peakMiB() }
}

async function load(kind: string, side: Side, mib: number, paths: readonly string[]): Promise<number> {
  const args = [
    '--conditions=@glance/source',
    join(here, 'load.ts'),
    kind,
    String(side.process.port),
    String(mib * 1024 * 1024),
    ...paths,
  ]
  const { stdout } = await run(process.execPath, args, {
    env: { ...process.env, HEADERS: JSON.stringify(side.headers) },
  })
  return (JSON.parse(stdout) as { seconds: number }).seconds
}

async function compare(
  what: string,
  sides: readonly [Side, Side],
  { rounds }: ThroughputSettings,
  measure: (side: Side) => Promise<Sample>,
): Promise<readonly Row[]> {
  const samples: [Sample[], Sample[]] = [[], []]
  // One round more, which does not count: it warms caches, compilers and worker threads.
  for (let round = 0; round <= rounds; round += 1) {
    for (const index of [0, 1] as const) {
      const sample = await measure(sides[index])
      if (round > 0) samples[index].push(sample)
    }
  }
  const middle = ([...samples] as const).map((list) => ({
    rate: median(list.map((sample) => sample.mbPerSecond)),
    cpu: median(list.map((sample) => sample.cpuPerGiB)),
    peak: Math.max(...list.map((sample) => sample.peakMiB)),
  }))
  const [plain, own] = middle
  if (!plain || !own) throw new Error('nothing was measured')
  return [
    {
      what,
      side: sides[0].name,
      'MB/s': plain.rate.toFixed(0),
      'CPU s/GiB': plain.cpu.toFixed(2),
      'peak RSS, MiB': plain.peak.toFixed(0),
      ratio: '',
    },
    {
      what: '',
      side: sides[1].name,
      'MB/s': own.rate.toFixed(0),
      'CPU s/GiB': own.cpu.toFixed(2),
      'peak RSS, MiB': own.peak.toFixed(0),
      ratio: `${(own.rate / plain.rate).toFixed(2)} x the rate, ${(own.cpu / plain.cpu).toFixed(2)} x the CPU`,
    },
  ]
}
