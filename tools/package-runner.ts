/**
 * Notices that the package runner which started this process is gone.
 *
 * `npx -y pnpm start` is a chain: npx, a shell, pnpm, a shell, this process. A Ctrl-C reaches all of them. A SIGTERM sent
 * to npx alone ends npx and its shell, and npm tells nobody further down: without this watch the rest of the chain
 * would keep running, and keep its port, after the command the user started has ended.
 */
import { basename } from 'node:path'
import { processFacts } from './process-tree.ts'

const runner = /^(?:npm|npx|pnpm)(?:-cli)?(?:\.[cm]?js)?$/
const shell = /^-?(?:sh|dash|bash|zsh|ash|busybox)$/
const intervalMs = 500

/** True when the words of a command line are npm, npx or pnpm itself, run directly or by node. */
export function isPackageRunner(command: readonly string[]): boolean {
  // npm replaces its command line by a title: one word such as `npm exec pnpm start`.
  const words = command.length === 1 ? (command[0] ?? '').split(' ') : command
  const first = basename(words[0] ?? '')
  return runner.test(first) || (first === 'node' && runner.test(basename(words[1] ?? '')))
}

/**
 * Calls `gone` once when a package runner above this process ends. Does nothing when there is none, or off Linux.
 *
 * Shells between the runners are passed over and not watched: a shell that put the command in the background may end
 * at any time. The watch does not keep the process alive. Returns a function that ends the watch.
 */
export function onPackageRunnerGone(gone: () => void): () => void {
  const watched: { pid: number; started: string }[] = []
  for (let pid = process.ppid; pid > 1; ) {
    const facts = processFacts(pid)
    if (!facts) break
    if (isPackageRunner(facts.command)) watched.push({ pid, started: facts.started })
    else if (!shell.test(basename(facts.command[0] ?? ''))) break
    pid = facts.parent
  }
  if (watched.length === 0) return () => {}
  const timer = setInterval(() => {
    if (watched.every(({ pid, started }) => processFacts(pid)?.started === started)) return
    clearInterval(timer)
    gone()
  }, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
