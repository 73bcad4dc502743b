import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new empty directory; whoever asks for it removes it. */
export function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'glance-file-'))
}

/** A new empty directory that is removed at the end of the test. */
export async function temporaryDirectory(): Promise<string> {
  const path = await newDirectory()
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
