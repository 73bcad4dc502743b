/**
 * The plain way to do it, to compare with: one stream pipeline that hashes on the main thread and writes a file, and `createReadStream().pipe()` for the way back.
 *
 * Usage: naive-server.ts FOLDER. PUT stores under the path's last segment and answers with both digests, GET sends it, DELETE removes it.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const folder = process.argv[2] ?? '.'
mkdirSync(folder, { recursive: true })

const server = createServer(async (request, response) => {
  const file = join(folder, basename(request.url ?? 'x'))
  if (request.method === 'PUT') {
    const md5 = createHash('md5')
    const sha512 = createHash('sha512')
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        md5.update(chunk)
        sha512.update(chunk)
        done(null, chunk)
      },
    })
    await pipeline(request, hashing, createWriteStream(file))
    response.end(JSON.stringify({ md5: md5.digest('hex'), sha512: sha512.digest('hex') }))
    return
  }
  if (request.method === 'DELETE') {
    rmSync(file)
    response.end()
    return
  }
  response.setHeader('content-length', statSync(file).size)
  createReadStream(file).pipe(response)
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => console.log(`naive :${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
