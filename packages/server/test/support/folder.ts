import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A temporary folder that is removed when the test leaves its block. */
export interface Folder {
  readonly path: string
  /** Writes a file below it and returns its path. */
  write(name: string, text: string): string
  [Symbol.dispose](): void
}

/** Makes one. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'glance-server-test-'))
  return {
    path,
    write: (name, text) => {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
