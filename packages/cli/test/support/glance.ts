import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Piped to stdin; without it stdin is `/dev/null`. */
  readonly input?: string | Uint8Array
  readonly env?: Record<string, string>
  /** Called as soon as the process exists. */
  readonly onStart?: (child: { kill(signal: NodeJS.Signals): void }) => void
}

/** Runs the command as a user does, in a process of its own with a clean environment. */
export function glance(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ['--conditions=@glance/source', MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  options.onStart?.({ kill: (signal) => void child.kill(signal) })
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input)
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Runs the command against a service. */
export function glanceAt(endpoint: string, ...args: string[]): Promise<Outcome> {
  return glance(['--os-image-url', endpoint, '--os-auth-token', 'secret', ...args])
}
