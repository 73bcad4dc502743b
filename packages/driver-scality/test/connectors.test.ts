import { type Logger, noopLogger } from '@glance/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Connectors } from '../src/connectors.ts'
import { parseEndpoints } from '../src/endpoint.ts'
import scality from '../src/index.ts'
import { Sproxyd } from '../src/sproxyd.ts'
import { openDriver, quiet, startRing } from './support/ring.ts'

function connectorsOf(endpoints: readonly string[], logger: Logger = noopLogger): Connectors {
  const options = { connectTimeout: 2, readTimeout: 1 } as ConstructorParameters<typeof Sproxyd>[0]
  const sproxyd = new Sproxyd(options, { ca: null, cert: null, key: null })
  onTestFinished(() => sproxyd.close())
  return new Connectors(parseEndpoints(endpoints), sproxyd, logger)
}

const ports = (endpoints: readonly { origin: string }[]): string[] => endpoints.map(({ origin }) => origin.slice(-1))

const three = ['http://10.0.0.1:1/proxy/a', 'http://10.0.0.1:2/proxy/a', 'http://10.0.0.1:3/proxy/a']

const native = (code: string): Error => Object.assign(new Error('gone'), { code })

describe('Connectors', () => {
  it('takes the connectors in turn, each call with all of them', () => {
    const connectors = connectorsOf(three)

    expect([1, 2, 3, 4].map(() => ports(connectors.inTurn()).join(''))).toEqual(['123', '231', '312', '123'])
  })

  it('leaves one out that failed, and tries all when none is left', async () => {
    const connectors = connectorsOf(three)

    const answered = await connectors.tryEach('a call', quiet, async ({ origin }) => {
      if (origin.endsWith('3')) return origin
      throw native('ECONNREFUSED')
    })

    expect(answered).toBe('http://10.0.0.1:3')
    expect(connectors.health).toEqual(['away', 'away', 'working'])
    const failing = connectors.tryEach('a call', quiet, () => Promise.reject(native('ECONNRESET')))
    await expect(failing).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(ports(connectors.inTurn()).sort()).toEqual(['1', '2', '3'])
  })

  it('does not ask another one what is no fault of the first', async () => {
    const connectors = connectorsOf(three)
    let asked = 0

    const failing = connectors.tryEach('a call', quiet, () => {
      asked += 1
      return Promise.reject(new TypeError('a bug'))
    })

    await expect(failing).rejects.toMatchObject({ code: 'UNKNOWN' })
    expect(asked).toBe(1)
    expect(connectors.health).toEqual(['working', 'working', 'working'])
  })

  it('takes one back that passes a look at its health', async () => {
    const ring = await startRing()
    const connectors = connectorsOf(ring.endpoints())
    await ring.stop(1)
    await connectors.probe(quiet)
    expect(connectors.health).toEqual(['working', 'away'])

    await ring.resume(1)
    await connectors.probe(quiet)

    expect(connectors.health).toEqual(['working', 'working'])
  })

  it.each([500, 404])('leaves one out whose configuration is answered with %i', async (status) => {
    const ring = await startRing()
    ring.fault({ name: '.conf', connector: 0, action: { kind: 'status', status } })
    const connectors = connectorsOf(ring.endpoints())

    await connectors.probe(quiet)

    expect(connectors.health).toEqual(['away', 'working'])
  })

  it('warns once of connectors that lead to different rings', async () => {
    const rings = await Promise.all(['A', 'B'].map((ring) => startRing({ connectors: 1, ring })))
    const warnings: string[] = []
    const logger = { ...noopLogger, warn: (_fields: object, event: string) => void warnings.push(event) }
    const connectors = connectorsOf(
      rings.flatMap((ring) => ring.endpoints()),
      logger,
    )

    await connectors.probe(quiet)
    await connectors.probe(quiet)

    expect(warnings).toEqual([expect.stringContaining('different rings')])
  })
})

describe('opening', () => {
  it.each(['json', 'compact', 'lines'] as const)('takes a configuration in the form %s', async (conf) => {
    const driver = await openDriver(await startRing({ conf }))

    await expect(driver.check?.({ signal: quiet })).resolves.toBeUndefined()
  })

  it.each(['json', 'compact', 'lines'] as const)('refuses connectors that take keys only, told as %s', async (conf) => {
    await expect(openDriver(await startRing({ conf, byPath: false }))).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('by_path_enabled'),
    })
  })

  it('works with what answers when another connector is dead', async () => {
    const ring = await startRing()
    await ring.stop(0)

    const driver = await openDriver(ring)

    await expect(driver.check?.({ signal: quiet })).resolves.toBeUndefined()
  })

  it('opens while no connector answers, and says UNAVAILABLE until one does', async () => {
    const ring = await startRing()
    await Promise.all([ring.stop(0), ring.stop(1)])
    const driver = await openDriver(ring)
    await expect(driver.getSize('scality://x', { signal: quiet })).rejects.toMatchObject({ code: 'UNAVAILABLE' })

    await ring.resume(1)

    await expect(driver.getSize('scality://x', { signal: quiet })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it.each([
    [{ scality_sproxyd_username: 'me' }, 'belong together'],
    [{ scality_sproxyd_client_cert: '/x' }, 'belong together'],
    [{ scality_sproxyd_object_prefix: 'a/b' }, 'object_prefix'],
    [{ scality_sproxyd_object_prefix: '.a' }, 'object_prefix'],
    [{ scality_sproxyd_ca_file: '/nowhere/ca.pem' }, 'no readable file of certificates'],
    [{ scality_sproxyd_endpoints: 'http://me:secret@h/proxy/a' }, 'credentials in a URL'],
  ])('refuses %j', async (raw, words) => {
    const opening = openDriver(await startRing(), raw)

    await expect(opening).rejects.toMatchObject({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(words) })
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('secret@') })
  })

  it('is called by the names that Glance’s files use', () => {
    expect([scality.name, ...scality.aliases]).toEqual(['scality', 'glance.store.scality.Store'])
  })
})
