/** Volumes that grow under a session, online and by way of offline; no gigabytes are written for it. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { DateraApi } from '../src/api.ts'
import { AppInstances } from '../src/app-instance.ts'
import type { DateraEmulator } from '../src/emulator/index.ts'
import { gib } from '../src/image-io.ts'
import { VolumeSessions } from '../src/volume-session.ts'
import { bytesOf, quiet, startSystem } from './support/system.ts'

const polling = { attempts: 20, intervalMs: 20 }

function partsOf(system: DateraEmulator): { instances: AppInstances; volumes: VolumeSessions } {
  const api = new DateraApi({
    origin: `http://127.0.0.1:${system.port}`,
    login: 'admin',
    password: 'password',
    tenant: '/root',
    ca: null,
    verify: true,
    operationMs: 5_000,
    retryMs: 10,
  })
  const instances = new AppInstances(api, polling)
  const volumes = new VolumeSessions(instances, {
    initiatorName: 'iqn.2010-10.org.openstack:glance:tests',
    portalPort: 3260,
    queueDepth: 4,
    ioSize: 65_536,
    chap: null,
    offlineAfterUse: true,
    ...polling,
  })
  onTestFinished(async () => {
    await volumes.close()
    await api.close()
  })
  return { instances, volumes }
}

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'a volume that grows', () => {
  it.each([
    ['while it is online', false],
    ['by going offline, where the system wants that', true],
  ])('has its new length in the session %s', async (_how, resizeOffline) => {
    const system = await startSystem({ resizeOffline })
    const { instances, volumes } = partsOf(system)
    const wanted = { imageId: 'image', sizeGib: 1, replicaCount: 1, placementMode: 'hybrid', chap: null, token: 'test' }
    const { path } = await instances.create(wanted, quiet)
    const { session, target, release } = await volumes.use(path, quiet)
    const bytes = bytesOf(65_536)
    expect((await session.readCapacity()).bytes).toBe(gib)

    await instances.grow(path, target.storagePath, 3, quiet)

    expect((await session.readCapacity()).bytes).toBe(3 * gib)
    await session.write(3 * gib - bytes.byteLength, bytes)
    const read = new Uint8Array(bytes.byteLength)
    await session.read(3 * gib - bytes.byteLength, read)
    expect(Buffer.from(read)).toEqual(Buffer.from(bytes))
    await release()
    expect([...system.system.instances.values()].map(({ online, sizeGib }) => [online, sizeGib])).toEqual([[false, 3]])
  })
})
