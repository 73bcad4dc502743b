import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Image } from '@glance/client'

/** An image record as a service would show it. */
export function anImage(members: Partial<Image> = {}): Image {
  const id = members.id ?? 'a'
  return {
    id,
    name: 'cirros',
    status: 'queued',
    visibility: 'shared',
    protected: false,
    os_hidden: false,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    owner: 'p1',
    size: null,
    virtual_size: null,
    container_format: 'bare',
    disk_format: 'raw',
    min_ram: 0,
    min_disk: 0,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    tags: [],
    self: `/v2/images/${id}`,
    file: `/v2/images/${id}/file`,
    schema: '/v2/schemas/image',
    ...members,
  }
}

/** The record of an image that holds `data`. */
export function anImageOf(data: string): Image {
  const hash = createHash('sha512').update(data).digest('hex')
  return anImage({ status: 'active', size: data.length, os_hash_algo: 'sha512', os_hash_value: hash })
}

/** A folder of its own that is gone after the test. */
export async function temporaryDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'glance-cli-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
