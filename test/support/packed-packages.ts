/**
 * The packages as tarballs, as they would be published: packed once for each vitest run, whichever test file asks first.
 *
 * Test files run in processes of their own, so they meet in a directory named after vitest's process. It lies among the
 * temporary files; a later run removes what runs that have ended left behind.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { build } from '../../tools/command.ts'
import { packPackage } from '../../tools/pack.ts'
import { packagesBelow, repositoryRoot } from '../../tools/workspace.ts'

const prefix = 'glance-packed-'
const waitMs = 240_000

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function removeLeftovers(): void {
  for (const entry of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)$`).exec(entry)?.[1])
    if (pid > 0 && !isRunning(pid)) rmSync(join(tmpdir(), entry), { recursive: true, force: true })
  }
}

async function packInto(directory: string): Promise<void> {
  const packages = packagesBelow(repositoryRoot, 'packages')
  if (packages.some((subject) => !existsSync(join(subject.directory, 'dist', 'index.js')))) {
    const { code, output } = await build()
    if (code !== 0) throw new Error(`the packages cannot be built:\n${output}`)
  }
  const [half, rest] = [packages.filter((_, index) => index % 2 === 0), packages.filter((_, index) => index % 2 === 1)]
  const packSeries = async (series: typeof packages): Promise<void> => {
    for (const subject of series) await packPackage(subject, directory)
  }
  await Promise.all([packSeries(half), packSeries(rest)])
}

let packed: Promise<Map<string, string>> | undefined

/**
 * Tarballs of all packages in `packages/` by package name, as absolute paths. They exist until the run ends and are not to
 * be changed. Builds first when a package has no build. Rejects with the packer's words when one cannot be packed.
 */
export function packAll(): Promise<Map<string, string>> {
  packed ??= packOnce()
  return packed
}

async function packOnce(): Promise<Map<string, string>> {
  removeLeftovers()
  const directory = join(tmpdir(), `${prefix}${process.ppid}`)
  const [ready, failure, work, taken] = ['ready', 'failed', 'work', 'taken'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ]
  mkdirSync(directory, { recursive: true })
  try {
    // Stays when the packing is over: whoever comes later must not start it again.
    mkdirSync(taken)
  } catch {
    await otherIsDone(ready, failure)
    return tarballsIn(ready)
  }
  try {
    mkdirSync(work)
    await packInto(work)
    renameSync(work, ready)
  } catch (error) {
    writeFileSync(failure, '')
    throw error
  }
  return tarballsIn(ready)
}

/** Another process is packing: there is no event to wait for, so its result is looked for. */
async function otherIsDone(ready: string, failure: string): Promise<void> {
  for (const end = performance.now() + waitMs; !existsSync(ready); await delay(100)) {
    if (existsSync(failure)) throw new Error('the packages could not be packed: see the test file that packed them')
    if (performance.now() > end) throw new Error('the packages were not packed in time by another test file')
  }
}

function tarballsIn(directory: string): Map<string, string> {
  return new Map(
    packagesBelow(repositoryRoot, 'packages').map(({ name }) => [
      name,
      join(directory, `${name.replace('@', '').replace('/', '-')}.tgz`),
    ]),
  )
}
