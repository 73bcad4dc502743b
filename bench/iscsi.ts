/**
 * The iSCSI initiator against libiscsi (by `qemu-img bench`), on one disk of a real target, in one run.
 *
 * Both keep eight commands of 1 MiB in flight. The disk is a file in memory where there is such a place. Rounds alternate between the two, and the
 * middle one counts, because other work on a shared machine comes in waves.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { type DigestPolicy, IscsiSession } from '@glance/iscsi'
import { startTgt, type TgtTarget } from '../test/support/tgt-process.ts'
import { median, type Row } from './support/table.ts'

const run = promisify(execFile)
const mib = 1024 * 1024
const depth = 8

type Kind = 'write' | 'read'

interface Sample {
  readonly mbPerSecond: number
  readonly cpuPerGiB: number
}

/** How much is moved, in MiB, and how often. */
export interface IscsiSettings {
  readonly size: number
  readonly rounds: number
}

/** Something to measure. */
interface Side {
  readonly name: string
  readonly measure: () => Promise<Sample>
}

/** Measures and returns the rows of the table. */
export async function iscsi({ size, rounds }: IscsiSettings): Promise<readonly Row[]> {
  await using tgt = await startTgt({ under: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() })
  const parameters = { HeaderDigest: 'CRC32C,None', DataDigest: 'CRC32C,None' }
  const target = await tgt.addTarget('iqn.2020-01.bench:disk', { size: size * mib, parameters })
  const open = (digest: DigestPolicy): Promise<IscsiSession> =>
    IscsiSession.open({
      portals: [tgt.portal],
      target: target.name,
      initiatorName: 'iqn.2020-01.bench:initiator',
      queueDepth: depth,
      headerDigest: digest,
      dataDigest: digest,
    })
  await using plain = await open('never')
  await using digested = await open('require')
  const rows: Row[] = []
  for (const kind of ['write', 'read'] as const) {
    const own = { name: '@glance/iscsi', measure: () => ours(plain, kind, size) }
    const libiscsi = { name: 'libiscsi (qemu-img bench)', measure: () => theirs(target, kind, size) }
    rows.push(...(await compare(`${kind}, ${size} MiB`, rounds, libiscsi, own)))
    // The libiscsi of Debian 12 does not do digests of data, so there is nobody else to compare with.
    const withDigests = { name: '@glance/iscsi, CRC32C', measure: () => ours(digested, kind, size) }
    rows.push(...(await compare(`${kind} with digests`, rounds, own, withDigests)))
  }
  return rows
}

async function compare(what: string, rounds: number, first: Side, second: Side): Promise<Row[]> {
  const samples: [Sample[], Sample[]] = [[], []]
  // One round more, which does not count: it warms caches and compilers, and makes the file's memory.
  for (let round = 0; round <= rounds; round += 1) {
    const pair = [await first.measure(), await second.measure()] as const
    if (round > 0) for (const side of [0, 1] as const) samples[side].push(pair[side])
  }
  const rate = (side: readonly Sample[]): number => median(side.map(({ mbPerSecond }) => mbPerSecond))
  const row = (name: string, side: readonly Sample[]): Row => {
    const cpu = median(side.map(({ cpuPerGiB }) => cpuPerGiB))
    return { side: name, 'MB/s': rate(side).toFixed(0), 'CPU s/GiB': cpu.toFixed(2) }
  }
  return [
    { what, ...row(first.name, samples[0]), ratio: '' },
    {
      what: '',
      ...row(second.name, samples[1]),
      ratio: `${(rate(samples[1]) / rate(samples[0])).toFixed(2)} x the rate`,
    },
  ]
}

async function ours(session: IscsiSession, kind: Kind, size: number): Promise<Sample> {
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  let next = 0
  const work = async (): Promise<void> => {
    const buffer = Buffer.alloc(mib)
    while (next < size) {
      const at = next
      next += 1
      await session[kind](at * mib, buffer)
    }
  }
  await Promise.all(Array.from({ length: depth }, work))
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { mbPerSecond: (size * mib) / 1e6 / seconds, cpuPerGiB: ((user + system) / 1e6 / size) * 1024 }
}

/** Its start counts for its CPU, too, which are a few hundredths of a second. */
async function theirs(target: TgtTarget, kind: Kind, size: number): Promise<Sample> {
  const sizes = ['-c', String(size), '-d', String(depth), '-s', String(mib)]
  const direction = kind === 'write' ? ['-w'] : []
  const bench = ['qemu-img', 'bench', '-f', 'raw', '-t', 'none', ...direction, ...sizes, target.url]
  const { stdout, stderr } = await run('bash', ['-c', 'TIMEFORMAT="cpu %U %S"; time "$@"', 'bash', ...bench])
  const seconds = Number(/Run completed in ([\d.]+) seconds/.exec(stdout)?.[1])
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? []
  return {
    mbPerSecond: (size * mib) / 1e6 / seconds,
    cpuPerGiB: ((Number(user) + Number(system)) / size) * 1024,
  }
}
