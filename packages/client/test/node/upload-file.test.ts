import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ImageClient } from '../../src/index.ts'
import { nodeFetch, uploadFile } from '../../src/node/index.ts'
import { type FakeService, fakeService } from '../support/fake-service.ts'
import { someBytes } from '../support/make-image.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

function aService(): Promise<FakeService> {
  return fakeService((_request, response) => response.writeHead(204).end())
}

function aClient(endpoint: string): ImageClient {
  return new ImageClient({ endpoint, token: 'secret', retry: null, fetch: nodeFetch() })
}

describe('uploadFile', () => {
  it('sends a file with its size', async () => {
    await using folder = await temporaryDirectory()
    await using service = await aService()
    const path = join(folder.path, 'image')
    const data = someBytes(1_500_000)
    await writeFile(path, data)

    await uploadFile(aClient(service.endpoint), 'a', path, { size: data.byteLength })

    expect(service.requests[0]?.headers['content-length']).toBe('1500000')
    expect(service.requests[0]?.body.equals(data)).toBe(true)
  })

  it('sends nothing when the size given is not that of the file', async () => {
    await using folder = await temporaryDirectory()
    await using service = await aService()
    await writeFile(join(folder.path, 'image'), 'hello')

    await expect(
      uploadFile(aClient(service.endpoint), 'a', join(folder.path, 'image'), { size: 6 }),
    ).rejects.toMatchObject({ code: 'SIZE_MISMATCH' })
    expect(service.requests).toEqual([])
  })

  it('sends any other source as it is', async () => {
    await using service = await aService()

    await uploadFile(aClient(service.endpoint), 'a', someBytes(3))

    expect(service.requests[0]?.body.equals(someBytes(3))).toBe(true)
  })

  it('refuses a folder and a file that is not there', async () => {
    await using folder = await temporaryDirectory()
    const client = aClient('http://127.0.0.1:1')

    await expect(uploadFile(client, 'a', folder.path)).rejects.toThrow(/folder/)
    await expect(uploadFile(client, 'a', join(folder.path, 'x'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
