/** Programs under measurement: started, watched by what the kernel says of them, and ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A program that printed its address. */
export interface Measured {
  readonly port: number
  readonly pid: number
  /** CPU time of all its threads so far, in seconds. */
  cpu(): number
  /** Most memory resident since the last call of `resetPeak`, in MiB. */
  peakMiB(): number
  resetPeak(): void
  end(): Promise<void>
}

/** Clock ticks a second of /proc/PID/stat; 100 on every Linux that Node runs on. */
const ticks = 100

/** Starts a script by this Node and waits for the first port in what it prints. Packages of ours are read as they are built: that is what users run. */
export async function start(script: string, args: readonly string[]): Promise<Measured> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const port = await firstPort(child)
  const pid = child.pid ?? 0
  return {
    port,
    pid,
    cpu: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      return (Number(fields[11]) + Number(fields[12])) / ticks
    },
    peakMiB: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    resetPeak: () => {
      try {
        writeFileSync(`/proc/${pid}/clear_refs`, '5')
      } catch {
        // Not allowed everywhere: the peak then counts from the program's start.
      }
    },
    end: async () => {
      if (child.exitCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function firstPort(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error('the program has no output')
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const port = /:(\d{2,5})\b/.exec(line)?.[1]
    if (port !== undefined) {
      child.stdout.resume()
      return Number(port)
    }
  }
  throw new Error('the program ended before it listened')
}
