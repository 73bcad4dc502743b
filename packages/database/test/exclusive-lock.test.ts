import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { acquireLock } from '../src/index.ts'
import { temporaryFolder } from './support/open.ts'

const holder = fileURLToPath(new URL('./support/hold-lock.ts', import.meta.url))

describe('acquireLock', () => {
  it('gives the lock to one holder at a time', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('lock')

    const first = acquireLock(path)
    const second = acquireLock(path)
    first?.release()
    const third = acquireLock(path)

    expect(first).not.toBeNull()
    expect(second).toBeNull()
    expect(third).not.toBeNull()
    third?.release()
  })

  it('may be released twice without taking it from the next holder', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('lock')
    const first = acquireLock(path)
    first?.release()
    using _second = acquireLock(path)

    first?.release()

    expect(acquireLock(path)).toBeNull()
  })

  it('is free again when the process that held it was killed', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('lock')
    const child = spawn(process.execPath, [holder, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')

    const meanwhile = acquireLock(path)
    child.kill('SIGKILL')
    await once(child, 'exit')
    using afterwards = acquireLock(path)

    expect(meanwhile).toBeNull()
    expect(afterwards).not.toBeNull()
    expect(await readdir(dirname(path))).toEqual(['lock'])
  })

  it('rejects a file that cannot be used instead of calling it held', async () => {
    await using folder = await temporaryFolder()

    expect(() => acquireLock(folder.file('no-folder/lock'))).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }))
  })
})
