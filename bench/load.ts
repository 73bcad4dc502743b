/**
 * The client of the throughput benchmark: raw sockets and one buffer, so that it costs as little of the machine as Node can.
 *
 * Usage: load.ts upload|download PORT BYTES PATH… One connection for each path, all at once; headers come from the environment variable HEADERS (JSON). Prints `{"seconds": …}`.
 */
import { connect } from 'node:net'

const [kind = '', port = '', bytes = '', ...paths] = process.argv.slice(2)
const size = Number(bytes)
const headers: Readonly<Record<string, string>> = JSON.parse(process.env['HEADERS'] ?? '{}')
const piece = Buffer.alloc(1024 * 1024)
for (let index = 0; index < piece.length; index += 4) piece.writeUInt32LE((index * 2_654_435_761) >>> 0, index)

function head(method: string, path: string, more: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, connection: 'close', ...headers, ...more }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** Sends `size` bytes and resolves when the answer is complete. */
function upload(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    let left = size
    let answer = ''
    const send = (): void => {
      while (left > 0) {
        const chunk = left >= piece.length ? piece : piece.subarray(0, left)
        left -= chunk.length
        if (!socket.write(chunk)) return
      }
    }
    socket.write(head('PUT', path, { 'content-type': 'application/octet-stream', 'content-length': String(size) }))
    socket.on('drain', send)
    socket.on('data', (data: Buffer) => {
      answer += data.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () =>
      /^HTTP\/1\.1 2\d\d/.test(answer) ? resolve() : reject(new Error(`upload answered ${answer.slice(0, 200)}`)),
    )
    send()
  })
}

/** Reads the whole answer into one reused buffer. */
function download(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let total = 0
    const buffer = Buffer.alloc(1024 * 1024)
    const socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (length) => {
          total += length
          return true
        },
      },
    })
    socket.write(head('GET', path, {}))
    socket.on('error', reject)
    socket.on('close', () => (total > size ? resolve() : reject(new Error(`download gave ${total} bytes`))))
  })
}

const run = kind === 'upload' ? upload : download
const started = performance.now()
await Promise.all(paths.map(run))
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }))
