/**
 * Ends processes together with everything they started.
 *
 * A runner that is told to stop must not leave servers of half-finished tests behind. Descendants are found by their
 * parent ids at the moment of the call, before the first signal: a child whose parent died is no longer related to it.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Who a process is: its parent, and its command line as separate words. */
export interface ProcessFacts {
  readonly parent: number
  readonly command: readonly string[]
  /** Clock ticks after boot at which it started; tells a process from a later one with the same id. Empty off Linux. */
  readonly started: string
}

/** Facts of a running process, or undefined when there is none with this id (or no /proc to ask). */
export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return undefined
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
    return { parent: Number(fields[1]), command, started: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

function parentsOfAll(): ReadonlyMap<number, number> {
  const parents = new Map<number, number>()
  if (process.platform === 'linux') {
    for (const entry of readdirSync('/proc')) {
      const facts = /^\d+$/.test(entry) ? processFacts(Number(entry)) : undefined
      if (facts) parents.set(Number(entry), facts.parent)
    }
    return parents
  }
  const listing = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  for (const line of (listing.stdout ?? '').split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    if (pid !== undefined && parent !== undefined) parents.set(pid, parent)
  }
  return parents
}

/** Ids of all processes below `pid`, nearest first, without `pid` itself. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = parentsOfAll()
  const found = [pid]
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor && !found.includes(child)) found.push(child)
  }
  return found.slice(1)
}

/** Sends a signal; 0 only asks whether the process is there. False when it is not. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

/** Ids of processes whose environment holds `entry` (`NAME=value`), whoever their parent is. Empty off Linux. */
export function processesWith(entry: string): readonly number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    if (!/^\d+$/.test(name) || pid === process.pid) return []
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(entry) ? [pid] : []
    } catch {
      return []
    }
  })
}

/**
 * Ends the processes that `find` names: SIGTERM, then SIGKILL for what is left after `graceMs`.
 *
 * `find` is asked again before the SIGKILL, so what they start while they end is ended too. Resolves with the command
 * lines of what was running at the call, when the last signal was sent.
 */
export async function stopProcesses(find: () => readonly number[], graceMs = 4000): Promise<readonly string[]> {
  const doomed = new Map<number, ProcessFacts | undefined>()
  const note = (): void => {
    for (const pid of find()) if (!doomed.has(pid)) doomed.set(pid, processFacts(pid))
  }
  const alive = (): number[] =>
    [...doomed].filter(([pid, facts]) => signal(pid, 0) && isStill(pid, facts)).map(([pid]) => pid)
  note()
  const commands = [...doomed.values()].map((facts) => facts?.command.join(' ') ?? '').filter(Boolean)
  for (const pid of doomed.keys()) signal(pid, 'SIGTERM')
  const deadline = performance.now() + graceMs
  while (performance.now() < deadline && alive().length > 0) await delay(50)
  note()
  for (const pid of alive()) signal(pid, 'SIGKILL')
  return commands
}

function isStill(pid: number, facts: ProcessFacts | undefined): boolean {
  return process.platform !== 'linux' || (facts !== undefined && processFacts(pid)?.started === facts.started)
}
