import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoreDriver } from '@glance/core'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { TapeDriver } from '../src/driver.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const { signal } = new AbortController()

async function aLibraryWithAnImage(): Promise<{ driver: StoreDriver; location: string; tape: string }> {
  const directory = await temporaryDirectory()
  onTestFinished(() => rm(directory, { recursive: true }))
  const driver = await TapeDriver.open(directory, 'main', signal)
  async function* data(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from('first ')
    yield Buffer.from('second')
  }
  const { location } = await driver.add('image', data(), { size: 12, signal })
  return { driver, location, tape: join(directory, 'images', 'image') }
}

async function textAt(driver: StoreDriver, location: string): Promise<string> {
  const { body } = await driver.get(location, { offset: 0, length: null, signal })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a tape', () => {
  let library: Awaited<ReturnType<typeof aLibraryWithAnImage>>
  beforeEach(async () => {
    library = await aLibraryWithAnImage()
  })

  it('has a header of 8 bytes for each chunk, and 16 bytes at its end', async () => {
    const bytes = await readFile(library.tape)

    expect(bytes.byteLength).toBe(8 + 6 + 8 + 6 + 16)
    expect(await textAt(library.driver, library.location)).toBe('first second')
  })

  it('is damaged when a byte of its data has changed', async () => {
    const bytes = await readFile(library.tape)
    bytes[10] = 0
    await writeFile(library.tape, bytes)

    await expect(textAt(library.driver, library.location)).rejects.toMatchObject({ code: 'UNKNOWN' })
  })

  it.each([0, 10, 20, 43])('is damaged when only its first %i bytes are left', async (length) => {
    const bytes = await readFile(library.tape)
    await writeFile(library.tape, bytes.subarray(0, length))

    await expect(textAt(library.driver, library.location)).rejects.toMatchObject({ code: 'UNKNOWN' })
  })
})
