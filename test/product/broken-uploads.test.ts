/**
 * Uploads that do not go well, against a server in a process of its own: afterwards the image is queued (or the winner's), nothing is left in the data folder, and the answer is the
 * one of the Image API reference, section "Image data".
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { call, createImage, eventually, showImage, upload } from '../support/images.ts'
import { beginUpload, statusOf } from '../support/raw-upload.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const MiB = 1024 * 1024

/** Everything in the folder of the file store, hidden names too, but for the mark by which the store knows its folder again. */
function stored(server: Pick<ServerProcess, 'dataDir'>): string[] {
  const folder = join(server.dataDir, 'images')
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : []
  return names.filter((name) => name !== '.glance-store')
}

/** Sends part of an upload and resolves once the server is writing it. */
async function halfAnUpload(server: ServerProcess, id: string): Promise<ReturnType<typeof beginUpload>> {
  const sending = beginUpload(server, id, 64 * MiB)
  sending.socket.write(Buffer.alloc(8 * MiB, 1))
  await eventually(
    'the store has begun to write',
    async () => stored(server).length > 0 && (await showImage(server, id)).status === 'saving',
  )
  return sending
}

describe('an upload', () => {
  it('is forgotten when its client goes away half way', async () => {
    await using server = await startServer()
    const { id } = await createImage(server)

    const sending = await halfAnUpload(server, id)
    sending.socket.destroy()

    await eventually('the image is queued again', async () => (await showImage(server, id)).status === 'queued')
    expect(stored(server)).toEqual([])
    expect(await showImage(server, id)).toMatchObject({ size: null, checksum: null, os_hash_value: null })
    expect((await upload(server, id, Buffer.from('second try'))).status).toBe(204)
  })

  it('is forgotten when the server is killed half way', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'glance-test-'))
    try {
      const first = await startServer({ dataDir: join(folder, 'data') })
      const { id } = await createImage(first)
      await halfAnUpload(first, id)
      await first.stop('SIGKILL')

      await using second = await startServer({ dataDir: join(folder, 'data') })

      expect(stored(second)).toEqual([])
      expect(await showImage(second, id)).toMatchObject({ status: 'queued', size: null, checksum: null })
      expect((await upload(second, id, Buffer.from('second try'))).status).toBe(204)
      expect((await showImage(second, id)).status).toBe('active')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('wins alone when two come for one image', async () => {
    await using server = await startServer()
    const { id } = await createImage(server)
    const bodies = [Buffer.alloc(4 * MiB, 'a'), Buffer.alloc(4 * MiB, 'b')] as const

    const statuses = await Promise.all(bodies.map(async (body) => (await upload(server, id, body)).status))

    expect(statuses.toSorted()).toEqual([204, 409])
    const winner = bodies[statuses.indexOf(204)] ?? Buffer.alloc(0)
    expect(await showImage(server, id)).toMatchObject({
      status: 'active',
      size: 4 * MiB,
      checksum: createHash('md5').update(winner).digest('hex'),
    })
    const back = await call(server, 'GET', `/v2/images/${id}/file`)
    expect(Buffer.from(await back.arrayBuffer()).equals(winner)).toBe(true)
    expect(stored(server)).toHaveLength(1)
  })

  it.each([
    ['longer', 10, 'abcdefghijklmnop'],
    ['shorter', 100, 'abcdefghijklmnop'],
  ])('is refused with 400 when it is %s than x-openstack-image-size says', async (_how, announced, data) => {
    await using server = await startServer()
    const { id } = await createImage(server)

    const sending = beginUpload(server, id, null, { 'x-openstack-image-size': String(announced), connection: 'close' })
    sending.socket.write(`${data.length.toString(16)}\r\n${data}\r\n0\r\n\r\n`)

    expect(statusOf(await sending.closed)).toBe(400)
    expect(await showImage(server, id)).toMatchObject({ status: 'queued', size: null })
    expect(stored(server)).toEqual([])
  })

  it('ends in 410 when the image is deleted half way, and its bytes are gone', async () => {
    await using server = await startServer()
    const { id } = await createImage(server)
    const sending = await halfAnUpload(server, id)

    const deleted = await call(server, 'DELETE', `/v2/images/${id}`)
    sending.socket.write(Buffer.alloc(MiB, 1))

    expect(deleted.status).toBe(204)
    await eventually('the upload is answered', () => statusOf(sending.answer()) !== 0)
    expect(statusOf(sending.answer())).toBe(410)
    sending.socket.destroy()
    await eventually('nothing is left', () => stored(server).length === 0)
    expect((await call(server, 'GET', `/v2/images/${id}`)).status).toBe(404)
  })

  it('that nobody wants is answered while the client is still sending', async () => {
    await using server = await startServer()
    const { id } = await createImage(server)
    await upload(server, id, Buffer.from('first'))

    const sending = beginUpload(server, id, 64 * MiB)
    sending.socket.write(Buffer.alloc(16 * MiB, 1))

    await eventually('the upload is answered', () => statusOf(sending.answer()) !== 0)
    expect(statusOf(sending.answer())).toBe(409)
    sending.socket.destroy()
    expect((await showImage(server, id)).size).toBe(5)
  })

  it('is refused before it is sent when the client waits for 100 Continue', async () => {
    await using server = await startServer()
    const { id } = await createImage(server)
    await upload(server, id, Buffer.from('first'))

    const sending = beginUpload(server, id, 64 * MiB, { expect: '100-continue' })

    const answer = await sending.closed
    expect(answer).not.toContain('100 Continue')
    expect(statusOf(answer)).toBe(409)
  })

  it('is told to go on when the client waits for 100 Continue', async () => {
    await using server = await startServer()
    const { id } = await createImage(server)

    const sending = beginUpload(server, id, 4, { expect: '100-continue', connection: 'close' })
    await eventually('the server asks for the body', () => sending.answer().includes('100 Continue'))
    sending.socket.write('data')

    expect(statusOf(await sending.closed)).toBe(204)
    expect(await showImage(server, id)).toMatchObject({ status: 'active', size: 4 })
  })

  it('finishes when the server is asked to stop in the middle', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'glance-test-'))
    try {
      const first = await startServer({ dataDir: join(folder, 'data') })
      const { id } = await createImage(first)
      const sending = await halfAnUpload(first, id)

      const ended = first.stop('SIGTERM')
      await eventually('it takes no more connections', () =>
        call(first, 'GET', '/healthcheck').then(
          () => false,
          () => true,
        ),
      )
      sending.socket.write(Buffer.alloc(56 * MiB, 1))

      expect(statusOf(await sending.closed)).toBe(204)
      expect(await ended).toBe(0)
      await using second = await startServer({ dataDir: join(folder, 'data') })
      expect(await showImage(second, id)).toMatchObject({ status: 'active', size: 64 * MiB })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('is ended, and the image queued, when it outlasts the grace time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'glance-test-'))
    try {
      const first = await startServer({ dataDir: join(folder, 'data'), env: { OS_GLANCE_SERVER__GRACE_TIME: '0.2' } })
      const { id } = await createImage(first)
      await halfAnUpload(first, id)

      expect(await first.stop('SIGTERM')).toBe(0)

      expect(stored(first)).toEqual([])
      await using second = await startServer({ dataDir: join(folder, 'data') })
      expect(await showImage(second, id)).toMatchObject({ status: 'queued', size: null })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
