/** A data folder on a disk of a few MiB that an upload fills. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { smallDiskWay } from '../../tools/backends.ts'
import { createImage, eventually, showImage, upload } from '../support/images.ts'
import { beginUpload, statusOf } from '../support/raw-upload.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { startServer } from '../support/server-process.ts'

const MiB = 1024 * 1024

describeWithBackend(
  { describe, it },
  'small-disk',
  () => smallDiskWay() === 'mount' || 'needs the right to mount',
  'an upload that fills the disk',
  () => {
    it.each([
      ['announced', 32 * MiB],
      ['unknown', null],
    ])('is answered with 413, leaves nothing, and the image is queued (size %s)', async (_name, announced) => {
      const folder = mkdtempSync(join(tmpdir(), 'glance-small-'))
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'none', folder]).status).toBe(0)
      try {
        await using server = await startServer({ env: { OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIR: folder } })
        const { id } = await createImage(server)

        const sending = beginUpload(server, id, announced)
        const piece = Buffer.alloc(MiB, 7)
        for (let sent = 0; sent < 32; sent += 1) {
          if (announced === null) sending.socket.write(`${MiB.toString(16)}\r\n`)
          sending.socket.write(piece)
          if (announced === null) sending.socket.write('\r\n')
        }

        await eventually('the upload is answered', () => statusOf(sending.answer()) !== 0)
        expect(statusOf(sending.answer())).toBe(413)
        sending.socket.destroy()
        await eventually('nothing is left', () => readdirSync(folder).every((name) => name === '.glance-store'))
        expect(await showImage(server, id)).toMatchObject({ status: 'queued', size: null })
        expect((await upload(server, id, Buffer.alloc(MiB))).status).toBe(204)
      } finally {
        spawnSync('umount', ['-l', folder])
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
)
