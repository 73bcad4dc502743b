/**
 * Who wrote a temporary file: a process, named so that another one can tell whether it still runs.
 *
 * Process ids are used again, so the time a process started belongs to its name, counted by the kernel since its start, and with it the id of that
 * start (boot id). Containers have process ids of their own, so the namespace belongs to it too. All of it is read from Linux's /proc;
 * elsewhere the members are empty and nothing is known of anybody.
 */
import { readFile, readlink } from 'node:fs/promises'
import { hostname, uptime } from 'node:os'
import { errnoOf } from './errors.ts'

/** A process, on some host, as the names of temporary files have it. No member holds a `~`. */
export interface Owner {
  readonly host: string
  readonly boot: string
  readonly namespace: string
  readonly pid: string
  /** Start in ticks of the kernel's clock. */
  readonly started: string
}

/** This process. */
export async function thisProcess(): Promise<Owner> {
  return {
    host: plain(hostname(), 64),
    boot: plain((await tried(readFile('/proc/sys/kernel/random/boot_id', 'utf8')))?.trim() ?? '', 36),
    namespace: ((await tried(readlink('/proc/self/ns/pid'))) ?? '').replace(/\D/g, ''),
    pid: String(process.pid),
    started: await startOf('self'),
  }
}

/**
 * Whether the owner of a file still runs, as far as that can be known here: nothing is known of processes on other hosts and in other
 * containers.
 *
 * @param lastWrite - when the file was last written, in milliseconds. After a restart of this host it tells a file from before from one
 *   of another host that has the same name and still writes.
 */
export async function stateOf(owner: Owner, self: Owner, lastWrite: number): Promise<'alive' | 'dead' | 'unknown'> {
  if (self.boot === '' || owner.boot === '') return 'unknown'
  if (owner.boot !== self.boot) {
    const beforeThisBoot = owner.host === self.host && lastWrite < Date.now() - uptime() * 1000
    return beforeThisBoot ? 'dead' : 'unknown'
  }
  const pid = Number(owner.pid)
  if (self.namespace === '' || owner.namespace !== self.namespace || !Number.isSafeInteger(pid) || pid <= 0)
    return 'unknown'
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: there is such a process, of another user.
    if (errnoOf(error) === 'ESRCH') return 'dead'
  }
  const started = await startOf(owner.pid)
  return started !== '' && owner.started !== '' && started !== owner.started ? 'dead' : 'alive'
}

async function startOf(pid: string): Promise<string> {
  const stat = (await tried(readFile(`/proc/${pid}/stat`, 'utf8'))) ?? ''
  // Field 22; the second one is the command's name in brackets, which may hold anything.
  return plain(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '', 20)
}

function plain(text: string, length: number): string {
  return text.replace(/[^A-Za-z0-9.-]/g, '_').slice(0, length)
}

async function tried<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch(() => null)
}
