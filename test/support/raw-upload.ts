/** An upload by hand over a bare socket, for clients that break off, lie or dribble. */
import { connect, type Socket } from 'node:net'
import type { ServerProcess } from './server-process.ts'

/** An upload whose body the test writes itself. */
export interface RawUpload {
  readonly socket: Socket
  /** Everything the server has answered so far. */
  answer(): string
  /** Resolves with the whole answer when the server or the test has closed the connection. */
  readonly closed: Promise<string>
}

/** Sends the head of an upload. `length` null sends it chunked; the test writes the chunks. */
export function beginUpload(
  server: ServerProcess,
  id: string,
  length: number | null,
  headers: Readonly<Record<string, string>> = {},
): RawUpload {
  const socket = connect(server.port, '127.0.0.1')
  const all = {
    host: `127.0.0.1:${server.port}`,
    'x-auth-token': server.token,
    'content-type': 'application/octet-stream',
    ...(length === null ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }),
    ...headers,
  }
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text
  })
  const closed = new Promise<string>((resolve) => {
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`PUT /v2/images/${id}/file HTTP/1.1\r\n${lines.join('')}\r\n`)
  return { socket, answer: () => answer, closed }
}

/** The status of a raw answer, or 0 when there is none; an interim `100 Continue` does not count. */
export function statusOf(answer: string): number {
  const lines = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]))
  return lines.find((status) => status !== 100) ?? 0
}
