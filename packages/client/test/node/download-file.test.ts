import { chmod, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Image, ImageClient } from '../../src/index.ts'
import { downloadFile } from '../../src/node/index.ts'
import { type FakeService, fakeService, rawService, sendJson } from '../support/fake-service.ts'
import { anImage, anImageOf, hex, someBytes } from '../support/make-image.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const DATA = someBytes(300_000)

function aClient(endpoint: string): ImageClient {
  return new ImageClient({ endpoint, token: 'secret', retry: null })
}

/** Serves the record and its data. */
function serving(image: Image, data: Uint8Array = DATA, headers: Record<string, string> = {}): Promise<FakeService> {
  return fakeService((request, response) => {
    if (!request.url.endsWith('/file')) return sendJson(response, 200, image)
    response.writeHead(200, { 'content-length': String(data.byteLength), ...headers }).end(data)
  })
}

describe('downloadFile', () => {
  it('writes the data under the name and nothing else', async () => {
    await using folder = await temporaryDirectory()
    await using service = await serving(anImageOf(DATA))
    const progress: [number, number | null][] = []

    const done = await downloadFile(aClient(service.endpoint), 'a', join(folder.path, 'out'), {
      onProgress: (bytes, total) => progress.push([bytes, total]),
    })

    expect(done).toEqual({ bytes: DATA.byteLength, algorithm: 'sha512' })
    expect(await readdir(folder.path)).toEqual(['out'])
    expect((await readFile(join(folder.path, 'out'))).equals(DATA)).toBe(true)
    expect(progress.at(-1)).toEqual([DATA.byteLength, DATA.byteLength])
  })

  it('takes a record instead of an id without asking for it again', async () => {
    await using folder = await temporaryDirectory()
    await using service = await serving(anImageOf(DATA))

    await downloadFile(aClient(service.endpoint), anImageOf(DATA), join(folder.path, 'out'))

    expect(service.requests).toHaveLength(1)
  })

  it('gives null and creates nothing when the image has no data', async () => {
    await using folder = await temporaryDirectory()
    await using service = await fakeService((_request, response) => response.writeHead(204).end())

    expect(await downloadFile(aClient(service.endpoint), anImage(), join(folder.path, 'out'))).toBeNull()
    expect(await readdir(folder.path)).toEqual([])
  })

  it.each<[string, Partial<Image>, string]>([
    ['a wrong os_hash_value', { os_hash_value: hex('sha512', someBytes(1)) }, 'HASH_MISMATCH'],
    [
      'a wrong checksum',
      { os_hash_algo: null, os_hash_value: null, checksum: hex('md5', someBytes(1)) },
      'HASH_MISMATCH',
    ],
    ['another size', { size: 5 }, 'SIZE_MISMATCH'],
    ['an unknown algorithm', { os_hash_algo: 'sha1024' }, 'UNKNOWN_ALGORITHM'],
  ])('keeps the old file and leaves no part after %s', async (_what, members, code) => {
    await using folder = await temporaryDirectory()
    await using service = await serving(anImageOf(DATA, members))
    await writeFile(join(folder.path, 'out'), 'old')

    await expect(downloadFile(aClient(service.endpoint), 'a', join(folder.path, 'out'))).rejects.toMatchObject({ code })
    expect(await readdir(folder.path)).toEqual(['out'])
    expect(await readFile(join(folder.path, 'out'), 'utf8')).toBe('old')
  })

  it.each<[string, Partial<Image>, Record<string, string>, string | null]>([
    ['sha256', { os_hash_algo: 'sha256', os_hash_value: hex('sha256', DATA) }, {}, 'sha256'],
    ['blake2b as Python names it', { os_hash_algo: 'blake2b', os_hash_value: hex('blake2b512', DATA) }, {}, 'blake2b'],
    ['the checksum of an old record', { os_hash_algo: null, os_hash_value: null }, {}, 'md5'],
    [
      'the MD5 of the answer',
      { os_hash_algo: null, os_hash_value: null, checksum: null },
      { 'content-md5': hex('md5', DATA) },
      'md5',
    ],
    ['nothing', { os_hash_algo: null, os_hash_value: null, checksum: null }, {}, null],
  ])('verifies with %s', async (_what, members, headers, algorithm) => {
    await using folder = await temporaryDirectory()
    await using service = await serving(anImageOf(DATA, members), DATA, headers)

    expect(await downloadFile(aClient(service.endpoint), 'a', join(folder.path, 'out'))).toMatchObject({ algorithm })
  })

  it('falls back to MD5 for an unknown algorithm when told to', async () => {
    await using folder = await temporaryDirectory()
    await using service = await serving(anImageOf(DATA, { os_hash_algo: 'sha1024' }))

    const done = downloadFile(aClient(service.endpoint), 'a', join(folder.path, 'out'), { allowMd5Fallback: true })

    expect(await done).toMatchObject({ algorithm: 'md5' })
  })

  it('leaves nothing behind when the data break off', async () => {
    await using folder = await temporaryDirectory()
    await using service = await rawService((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello'),
    )

    await expect(downloadFile(aClient(service.endpoint), anImage(), join(folder.path, 'out'))).rejects.toMatchObject({
      code: 'LOST',
    })
    expect(await readdir(folder.path)).toEqual([])
  })

  it('removes the part and rejects with the reason when the signal fires', async () => {
    await using folder = await temporaryDirectory()
    await using service = await rawService((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello'),
    )
    const controller = new AbortController()
    let during: string[] = []
    const options = {
      signal: controller.signal,
      onProgress: () => {
        void readdir(folder.path).then((names) => {
          during = names
          controller.abort(new Error('enough'))
        })
      },
    }

    await expect(downloadFile(aClient(service.endpoint), anImage(), join(folder.path, 'out'), options)).rejects.toThrow(
      'enough',
    )
    expect(during).toEqual([expect.stringMatching(/^\.out\.[0-9a-f]{12}\.part$/)])
    expect(await readdir(folder.path)).toEqual([])
  })

  it('keeps a link a link and the permissions of the file it leads to', async () => {
    await using folder = await temporaryDirectory()
    await using service = await serving(anImageOf(DATA))
    const [file, link] = [join(folder.path, 'file'), join(folder.path, 'link')]
    await writeFile(file, 'old')
    await chmod(file, 0o600)
    await symlink(file, link)

    await downloadFile(aClient(service.endpoint), 'a', link)

    expect(await readlink(link)).toBe(file)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(file)).size).toBe(DATA.byteLength)
  })

  it('rejects with the system error for a folder that does not exist', async () => {
    await using folder = await temporaryDirectory()
    await using service = await serving(anImageOf(DATA))

    const missing = join(folder.path, 'no', 'out')

    await expect(downloadFile(aClient(service.endpoint), 'a', missing)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
