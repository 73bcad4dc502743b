/**
 * A `glance-server` as its user runs it: a process of its own, from this tree's sources, on a data folder of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '../../tools/workspace.ts'

/** How to start it. */
export interface ServerSetup {
  /** Data folder; a temporary one that is removed at the end by default. */
  readonly dataDir?: string
  /** Further arguments. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A server that said it is ready. */
export interface ServerProcess {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  /** Of the administrator; empty when the server makes no tokens of its own. */
  readonly token: string
  /** What it printed before it was ready. */
  readonly greeting: string
  /** Everything on standard error so far: its log. */
  log(): string
  /** Ends it by a signal and waits for its end. @returns its exit code, or null when a signal ended it */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
  [Symbol.asyncDispose](): Promise<void>
}

/** The command that starts a server from the sources, without a build. */
export const serverCommand: readonly string[] = [
  process.execPath,
  '--conditions=@glance/source',
  join(repositoryRoot, 'packages', 'server', 'src', 'bin.ts'),
]

/** Starts a server on loopback and a free port and waits until it is ready. Rejects with what it printed when it ends before. */
export async function startServer(setup: ServerSetup = {}): Promise<ServerProcess> {
  const temporary = setup.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'glance-test-')) : null
  const dataDir = setup.dataDir ?? join(temporary ?? '', 'data')
  const [command = '', ...start] = serverCommand
  const args = [...start, '--data-dir', dataDir, '--bind-host', '127.0.0.1', '--bind-port', '0', ...(setup.args ?? [])]
  const child = spawn(command, args, { env: { ...process.env, ...setup.env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const greeting = await readyText(child, () => log)
  const url = /http:\/\/[^\s]+/.exec(greeting)?.[0] ?? ''
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    }
    return child.exitCode
  }
  return {
    url,
    port: Number(new URL(url).port),
    dataDir,
    token: tokenIn(dataDir),
    greeting,
    log: () => log,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop('SIGKILL')
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true })
    },
  }
}

/** The administrator's token; any text where none is needed. */
function tokenIn(dataDir: string): string {
  const path = join(dataDir, 'admin-token')
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : 'none'
}

/** What a server prints up to its last line of advice. */
function readyText(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more
      if (/glance image-list\n/.test(text)) resolve(text)
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}${log()}`)))
  })
}
