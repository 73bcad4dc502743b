import { createHash } from 'node:crypto'
import type { Image } from '../../src/index.ts'

/** An image record as a service would show it. */
export function anImage(members: Partial<Image> = {}): Image {
  const id = members.id ?? 'b5a4b0a1-0000-4000-8000-000000000001'
  return {
    id,
    name: 'cirros',
    status: 'active',
    visibility: 'shared',
    protected: false,
    os_hidden: false,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    owner: 'project',
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
export function anImageOf(data: Uint8Array, members: Partial<Image> = {}): Image {
  return anImage({
    size: data.byteLength,
    checksum: hex('md5', data),
    os_hash_algo: 'sha512',
    os_hash_value: hex('sha512', data),
    ...members,
  })
}

export function hex(algorithm: string, data: Uint8Array): string {
  return createHash(algorithm).update(data).digest('hex')
}

/** Bytes that differ from place to place. */
export function someBytes(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255)
}

/** Repeats one chunk and remembers whether it was told to clean up. */
export function aSource(chunk: Uint8Array, times: number): AsyncIterable<Uint8Array> & { readonly cleanedUp: boolean } {
  const state = { cleanedUp: false }
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let n = 0; n < times; n++) yield chunk
    } finally {
      state.cleanedUp = true
    }
  }
  return {
    [Symbol.asyncIterator]: chunks,
    get cleanedUp() {
      return state.cleanedUp
    },
  }
}
