import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs Node on files of this package. @returns exit status and everything it printed */
export function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly output: string }> {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment }
    execFile(process.execPath, [...args], { cwd, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr })
    })
  })
}
