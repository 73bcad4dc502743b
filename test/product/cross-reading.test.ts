/**
 * A real glance-api and ours take turns on one database and one backend, with the same lines of configuration: either reads and removes what the other stored.
 *
 * Debian's release of Glance (25, of 2022) is the other one. It reads no parts of images, so those are asked of ours alone.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCeph } from '../support/ceph-process.ts'
import { type GlanceApi, startGlanceApi } from '../support/glance-api-process.ts'
import { call, createImage, type Service, upload } from '../support/images.ts'
import { password, startKeystone } from '../support/keystone-process.ts'
import { describeWithBackend, probeOfAll } from '../support/require-backend.ts'
import { startServer } from '../support/server-process.ts'
import { startSwift } from '../support/swift-process.ts'

/** A backend in which both keep their images. */
interface SharedBackend {
  /** Lines of `[glance_store]` that both read. */
  readonly lines: readonly string[]
  /** What the real one needs in its environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Names of what lies in the backend, asked without a driver of either. */
  names(): Promise<readonly string[]>
}

const mebibyte = 1024 ** 2

/** Some parts, and the last one of them smaller. */
const size = 12 * mebibyte + 345

const limit = 600_000

/** Removes something at the end of the test, in the reverse order of the calls. */
function untilTheEnd<T extends AsyncDisposable>(what: T): T {
  onTestFinished(() => what[Symbol.asyncDispose](), limit)
  return what
}

async function rbd(): Promise<SharedBackend> {
  const { conf, user, pool, run } = untilTheEnd(await startCeph())
  return {
    lines: [
      'stores = rbd',
      'default_store = rbd',
      `rbd_store_ceph_conf = ${conf}`,
      `rbd_store_user = ${user}`,
      `rbd_store_pool = ${pool}`,
    ],
    names: async () => (await run('rbd', 'ls', pool)).split('\n').filter((name) => name !== ''),
  }
}

async function s3(): Promise<SharedBackend> {
  const { gateway, run } = untilTheEnd(await startCeph({ gateway: true }))
  if (gateway === null) throw new Error('the cluster has no gateway')
  const { accessKey, secretKey } = gateway.glance
  return {
    lines: [
      'stores = s3',
      'default_store = s3',
      `s3_store_host = ${gateway.url}`,
      `s3_store_access_key = ${accessKey}`,
      `s3_store_secret_key = ${secretKey}`,
      's3_store_bucket = images',
      's3_store_create_bucket_on_put = true',
      's3_store_bucket_url_format = path',
      's3_store_large_object_size = 5',
      's3_store_large_object_chunk_size = 5',
    ],
    // Our locations carry no keys, and this release of Glance then takes them from here.
    environment: { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
    names: async () =>
      (JSON.parse(await run('radosgw-admin', 'bucket', 'list', '--bucket', 'images')) as { name: string }[]).map(
        ({ name }) => name,
      ),
  }
}

async function swift(): Promise<SharedBackend> {
  const keystone = untilTheEnd(await startKeystone())
  const service = untilTheEnd(
    await startSwift({ keystone: { url: keystone.url, user: 'admin', password, project: 'admin' } }),
  )
  await keystone.registerService('object-store', `${service.url}/v1/AUTH_%(project_id)s`)
  const account = `${service.url}/v1/AUTH_${await keystone.projectId('glance')}`
  const names = async (): Promise<readonly string[]> => {
    const headers = { 'x-auth-token': await keystone.logIn('glance') }
    const list = async (path: string): Promise<readonly string[]> => {
      const answer = await fetch(`${account}/${path}?format=json`, { headers })
      if (!answer.ok) throw new Error(`Swift answered ${answer.status}`)
      return ((await answer.json()) as { name: string }[]).map(({ name }) => name)
    }
    return (await Promise.all((await list('')).map(list))).flat()
  }
  return {
    lines: [
      'stores = swift',
      'default_store = swift',
      'default_swift_reference = ref1',
      'swift_store_auth_version = 3',
      `swift_store_auth_address = ${keystone.url}`,
      'swift_store_user = service:glance',
      `swift_store_key = ${password}`,
      'swift_store_create_container_on_put = true',
      'swift_store_large_object_size = 5',
      'swift_store_large_object_chunk_size = 5',
    ],
    names,
  }
}

const table = [
  { store: 'rbd', start: rbd, needs: ['ceph'] },
  { store: 's3', start: s3, needs: ['rgw'] },
  { store: 'swift', start: swift, needs: ['keystone', 'swift'] },
] as const

for (const { store, start, needs } of table) {
  const probe = probeOfAll('glance-api-stores', ...needs)
  describeWithBackend({ describe, it }, 'glance-api-stores', probe, `a real glance-api and ours, on ${store}`, () => {
    it('read, in part too, and remove what the other stored', { timeout: limit }, async () => {
      const { lines, environment = {}, names } = await start()
      const folder = mkdtempSync(join(tmpdir(), 'glance-cross-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const startReal = (): Promise<GlanceApi> =>
        startGlanceApi({ folder, environment, sections: { glance_store: lines } })
      const [theirs, mine] = [randomBytes(size), randomBytes(size)]

      const first = await withService(await startReal(), (real) => storeImage(real, theirs))
      const conf = join(folder, 'ours.conf')
      const database = `sqlite:///${join(folder, 'glance.sqlite')}`
      writeFileSync(conf, ['[database]', `connection = ${database}`, '[glance_store]', ...lines, ''].join('\n'))
      const args = ['--auth', 'noauth', '--config-file', conf]
      const ours = await startServer({ dataDir: join(folder, 'ours'), args })
      const second = await withService(ours, async (service) => {
        expect(theirs.equals(await download(service, first))).toBe(true)
        const part = await download(service, first, { from: 5 * mebibyte - 7, to: 10 * mebibyte + 9 })
        expect(theirs.subarray(5 * mebibyte - 7, 10 * mebibyte + 10).equals(part)).toBe(true)
        const id = await storeImage(service, mine)
        expect(await remove(service, first)).toBe(204)
        return id
      })
      const left = await names()
      expect(left.filter((name) => name.includes(first))).toEqual([])
      expect(left.some((name) => name.includes(second))).toBe(true)
      await withService(await startReal(), async (real) => {
        expect(mine.equals(await download(real, second))).toBe(true)
        expect(await remove(real, second)).toBe(204)
      })

      expect(await names()).toEqual([])
    })
  })
}

/** Uses a service and ends it, whatever happens. */
async function withService<T>(
  service: AsyncDisposable & { readonly url: string; readonly token?: string },
  use: (service: Service) => Promise<T>,
): Promise<T> {
  try {
    return await use({ url: service.url, token: service.token ?? 'none' })
  } finally {
    await service[Symbol.asyncDispose]()
  }
}

/** Makes an image of some data. @returns its id */
async function storeImage(service: Service, data: Uint8Array): Promise<string> {
  const { id } = await createImage(service)
  const answer = await upload(service, id, data)
  if (answer.status !== 204) throw new Error(`the upload was answered ${answer.status}: ${await answer.text()}`)
  return id
}

/** The data of an image, or a part of them from one byte to another, the last one included. */
async function download(
  service: Service,
  id: string,
  part?: { readonly from: number; readonly to: number },
): Promise<Uint8Array> {
  const headers: Record<string, string> = part ? { range: `bytes=${part.from}-${part.to}` } : {}
  const answer = await call(service, 'GET', `/v2/images/${id}/file`, { headers })
  expect(answer.status).toBe(part ? 206 : 200)
  return new Uint8Array(await answer.arrayBuffer())
}

async function remove(service: Service, id: string): Promise<number> {
  return (await call(service, 'DELETE', `/v2/images/${id}`)).status
}
