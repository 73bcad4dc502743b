/** Our own client library against a server in a process of its own: what the two take for the API has to be the same. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImageClient, ImageServiceError } from '@glance/client'
import { downloadFile, nodeFetch, uploadFile } from '@glance/client/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServerProcess, startServer } from '../support/server-process.ts'

describe('@glance/client against a server', () => {
  let folder: string
  let server: ServerProcess
  let client: ImageClient

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-client-'))
    server = await startServer()
    client = new ImageClient({ endpoint: server.url, token: server.token, fetch: nodeFetch() })
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  it('creates, changes, lists, tags and deletes images', async () => {
    const image = await client.images.create({
      name: 'ours',
      disk_format: 'raw',
      container_format: 'bare',
      os_distro: 'debian',
    })
    const changed = await client.images.update(image.id, {
      set: { name: 'ours again', min_ram: 64 },
      remove: ['os_distro'],
    })
    await client.tags.add(image.id, 'a tag')

    expect(changed).toMatchObject({ id: image.id, name: 'ours again', min_ram: 64 })
    expect(changed).not.toHaveProperty('os_distro')
    const listed = await Array.fromAsync(client.images.list({ tags: ['a tag'] }))
    expect(listed.map((each) => each.id)).toEqual([image.id])
    await client.tags.remove(image.id, 'a tag')
    await client.images.delete(image.id)
    await expect(client.images.get(image.id)).rejects.toMatchObject({ status: 404 })
  })

  it('walks all pages of a list', async () => {
    for (let index = 0; index < 7; index += 1) await client.images.create({ name: `page-${index}`, tags: ['paged'] })

    const names = (
      await Array.fromAsync(
        client.images.list({ tags: ['paged'], pageSize: 3, sort: [{ key: 'name', direction: 'asc' }] }),
      )
    ).map((image) => image.name)

    expect(names).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4', 'page-5', 'page-6'])
  })

  it('stores a file and fetches it again, whole and in part', async () => {
    const data = randomBytes(3_000_000)
    const [from, to] = [join(folder, 'from.raw'), join(folder, 'to.raw')]
    writeFileSync(from, data)
    const image = await client.images.create({ name: 'file', disk_format: 'raw', container_format: 'bare' })

    await uploadFile(client, image.id, from)
    const stored = await client.images.get(image.id)
    await downloadFile(client, stored, to)

    expect(stored).toMatchObject({
      status: 'active',
      size: data.length,
      os_hash_value: createHash('sha512').update(data).digest('hex'),
    })
    expect(readFileSync(to).equals(data)).toBe(true)
    const part = await client.data.download(image.id, { offset: 10, length: 10 })
    expect(Buffer.from(await new Response(part?.body).arrayBuffer())).toEqual(data.subarray(10, 20))
  })

  it('hears why an upload is refused while it is still sending', async () => {
    const file = join(folder, 'large.raw')
    writeFileSync(file, Buffer.alloc(50_000_000))
    const image = await client.images.create({ name: 'no formats' })

    const refused = uploadFile(client, image.id, file)

    await expect(refused).rejects.toBeInstanceOf(ImageServiceError)
    await expect(refused).rejects.toMatchObject({ status: 400 })
  })
})
