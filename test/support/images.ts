/** Requests on the API that several tests make, by fetch, without any client of ours between. */
import type { ServerProcess } from './server-process.ts'

/** What requests go to: a server of ours, or anything else that has an address and takes the token. */
export type Service = Pick<ServerProcess, 'url' | 'token'>

/** An image as the API shows it. */
export interface WireImage {
  readonly id: string
  readonly status: string
  readonly size: number | null
  readonly checksum: string | null
  readonly os_hash_value: string | null
  readonly [member: string]: unknown
}

/** Sends a request as the administrator. */
export function call(server: Service, method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, { ...init, method, headers: { 'x-auth-token': server.token, ...init.headers } })
}

/** Makes a record that data can be uploaded to. */
export async function createImage(
  server: Service,
  members: Readonly<Record<string, unknown>> = {},
): Promise<WireImage> {
  const body = JSON.stringify({ name: 'test', disk_format: 'raw', container_format: 'bare', ...members })
  const answer = await call(server, 'POST', '/v2/images', { body, headers: { 'content-type': 'application/json' } })
  if (answer.status !== 201) throw new Error(`create answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as WireImage
}

/** The record as it is now. */
export async function showImage(server: Service, id: string): Promise<WireImage> {
  const answer = await call(server, 'GET', `/v2/images/${id}`)
  return (await answer.json()) as WireImage
}

/** Uploads data in one piece and returns the answer. */
export function upload(server: Service, id: string, data: Uint8Array): Promise<Response> {
  return call(server, 'PUT', `/v2/images/${id}/file`, {
    body: data as Uint8Array<ArrayBuffer>,
    headers: { 'content-type': 'application/octet-stream' },
  })
}

/** Asks until a condition holds; there is no event for what another process does. Rejects after ten seconds, saying what was waited for. */
export async function eventually(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`waited in vain until ${what}`)
}
