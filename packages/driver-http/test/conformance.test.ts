import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeStoreDriver } from '@glance/conformance'
import { describe, it } from 'vitest'
import httpDriver from '../src/index.ts'
import { type Answer, serving, servingChunked, servingWhole, status } from './support/origin.ts'

const options = { http_store_allowed_networks: '127.0.0.0/8' }

/** Runs the suite against an origin that serves what was placed in the way of `answering`. It does not keep the process alive. */
async function conform(title: string, answering: (bytes: Uint8Array) => Answer): Promise<void> {
  const images = new Map<string, Uint8Array>()
  const server = createServer((request, response) => {
    const bytes = images.get(request.url ?? '')
    const answer = bytes === undefined ? status(404) : answering(bytes)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let placed = 0

  describeStoreDriver({ describe, it }, title, {
    definition: httpDriver,
    options: async () => options,
    unreachable: async () => options,
    prepared: {
      async place(imageId, bytes) {
        placed += 1
        const path = `/${placed}/${imageId}`
        images.set(path, Uint8Array.from(bytes))
        return `${url}${path}`
      },
      missing: async () => `${url}/missing`,
      away: async () => 'http://127.0.0.1:1/away',
    },
  })
}

await conform('driver-http, origin with ranges', serving)
await conform('driver-http, origin without ranges', servingWhole)
await conform('driver-http, origin without lengths', servingChunked)
