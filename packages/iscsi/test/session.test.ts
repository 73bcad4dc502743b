import { describe, expect, it } from 'vitest'
import type { Pdu, TargetConnection } from '../../../test/support/iscsi-target/scripted-target.ts'
import { discoverTargets, IscsiSession } from '../src/index.ts'
import { aSession, aTarget, initiatorName, optionsFor, pattern } from './support/sessions.ts'

const kib = 1024
const chap = { user: 'me', secret: 'secret-of-mine' }
const targetChap = { user: 'you', secret: 'secret-of-yours' }

describe('opening a session', () => {
  it('finds the first disk and says what it is', async () => {
    const target = await aTarget({ lun: 3, vendor: 'DATERA' })

    const session = await aSession(target)

    expect(session).toMatchObject({ lun: 3, portal: target.portal, reconnects: 0 })
    expect(session.capacity).toMatchObject({ blocks: 2_048, blockSize: 512, bytes: 1024 * kib, thin: true })
    expect(await session.inquiry()).toMatchObject({ deviceType: 0, vendor: 'DATERA', product: 'SCRIPTED' })
    expect(await session.serialNumber()).toBe('serial-1')
    expect(await session.designators()).toEqual([{ association: 0, type: 1, name: 'serial-1' }])
    expect(await session.reportLuns()).toEqual([3])
    await session.testUnitReady()
  })

  it('takes the unit that is asked for, and says when there is none', async () => {
    const target = await aTarget({ lun: 3 })

    expect((await aSession(target, { lun: 3 })).lun).toBe(3)
    await expect(IscsiSession.open(optionsFor(target, { lun: 2 }))).rejects.toMatchObject({ code: 'LUN_NOT_FOUND' })
    target.next('inquiry', (connection, pdu) => connection.dataIn(pdu, 0, 0, Buffer.from([0x0c, 0, 5, 2]), true))
    await expect(IscsiSession.open(optionsFor(target))).rejects.toMatchObject({ code: 'LUN_NOT_FOUND' })
  })

  it('proves who it is, and has the target prove it', async () => {
    const target = await aTarget({ chap, targetChap })

    await aSession(target, { chap })
    await aSession(target, { chap, targetChap })
    await expect(IscsiSession.open(optionsFor(target))).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    const wrong = { ...chap, secret: 'another-secret' }
    await expect(IscsiSession.open(optionsFor(target, { chap: wrong }))).rejects.toMatchObject({
      code: 'AUTHENTICATION',
    })
    const liar = { ...targetChap, secret: 'another-secret' }
    await expect(IscsiSession.open(optionsFor(target, { chap, targetChap: liar }))).rejects.toMatchObject({
      code: 'AUTHENTICATION',
    })
  })

  it('follows a redirection, unless it is not allowed or goes round in circles', async () => {
    const there = await aTarget()
    const target = await aTarget()
    const redirect = (to: string): void =>
      target.next('login', (connection, pdu) => connection.loginStatus(pdu, 0x0101, { TargetAddress: `${to},1` }))

    redirect(there.portal)
    expect((await aSession(target)).portal).toBe(there.portal)
    redirect(there.portal)
    const asked: string[] = []
    const allowRedirect = (portal: string): boolean => asked.push(portal) < 0
    await expect(IscsiSession.open(optionsFor(target, { allowRedirect }))).rejects.toMatchObject({ code: 'REFUSED' })
    expect(asked).toEqual([there.portal])
    for (let times = 0; times < 5; times += 1) redirect(target.portal)
    await expect(IscsiSession.open(optionsFor(target))).rejects.toMatchObject({ code: 'REFUSED' })
  })

  it.each([
    [0x0201, 'AUTHENTICATION'],
    [0x0202, 'FORBIDDEN'],
    [0x0203, 'NOT_FOUND'],
    [0x0301, 'UNAVAILABLE'],
    [0x0101, 'PROTOCOL'],
  ])('makes login status %i the code %s', async (status, code) => {
    const target = await aTarget()
    target.next('login', (connection, pdu) => connection.loginStatus(pdu, status))
    await expect(IscsiSession.open(optionsFor(target))).rejects.toMatchObject({ code })
  })

  it('tries the next portal when one cannot be reached, but not when one refuses for good', async () => {
    const target = await aTarget()
    const gone = await aTarget()
    await gone[Symbol.asyncDispose]()
    const portals = [gone.portal, target.portal]

    expect((await aSession(target, { portals })).portal).toBe(target.portal)
    await expect(IscsiSession.open(optionsFor(gone))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    target.next('login', (connection, pdu) => connection.loginStatus(pdu, 0x0201))
    const twice = [target.portal, target.portal]
    await expect(IscsiSession.open(optionsFor(target, { portals: twice }))).rejects.toMatchObject({
      code: 'AUTHENTICATION',
    })
  })

  it('waits while the unit gets ready', async () => {
    const target = await aTarget()
    const notReady =
      (code: number) =>
      (connection: TargetConnection, pdu: Pdu): void =>
        connection.status(pdu, 2, [2, 4, code])
    target.next('test-unit-ready', notReady(1), notReady(0))

    await aSession(target)
    target.next('test-unit-ready', notReady(1), notReady(1))
    await expect(IscsiSession.open(optionsFor(target, { busyMs: 0 }))).rejects.toMatchObject({ code: 'BUSY' })
    target.next('test-unit-ready', notReady(3))
    await expect(IscsiSession.open(optionsFor(target))).rejects.toMatchObject({
      code: 'BUSY',
      sense: { key: 2, asc: 4, ascq: 3 },
    })
  })
})

describe('reading and writing', () => {
  it.each(
    ['Yes', 'No'].flatMap((InitialR2T) =>
      ['Yes', 'No'].flatMap((ImmediateData) =>
        [
          { MaxBurstLength: '16384', FirstBurstLength: '4096', MaxRecvDataSegmentLength: '1024' },
          {
            MaxBurstLength: '262144',
            FirstBurstLength: '65536',
            MaxRecvDataSegmentLength: '65536',
            MaxOutstandingR2T: '4',
          },
        ].map((lengths) => ({ InitialR2T, ImmediateData, ...lengths })),
      ),
    ),
  )('moves the same bytes with %o', async ({ MaxRecvDataSegmentLength, ...answers }) => {
    const target = await aTarget({ answers, offers: { MaxRecvDataSegmentLength } })
    const session = await aSession(target, { commandBytes: 100 * kib, queueDepth: 4 })
    const data = pattern(512 * kib)

    await session.write(8_192, data)
    const back = Buffer.alloc(data.length)
    await session.read(8_192, back)

    expect(target.disk.bytes.subarray(8_192, 8_192 + data.length).equals(data)).toBe(true)
    expect(back.equals(data)).toBe(true)
    expect(session.reconnects).toBe(0)
  })

  it.each([
    ['CRC32C', 'None'],
    ['None', 'CRC32C'],
    ['CRC32C', 'CRC32C'],
  ])('moves the same bytes with digests %s of headers and %s of data', async (HeaderDigest, DataDigest) => {
    const target = await aTarget({ answers: { HeaderDigest, DataDigest } })
    const session = await aSession(target, { headerDigest: 'prefer', dataDigest: 'prefer' })
    const data = pattern(300 * kib)

    await session.write(0, data)
    const back = Buffer.alloc(data.length)
    await session.read(0, back)

    expect(target.connections[0]?.digests).toEqual({ header: HeaderDigest === 'CRC32C', data: DataDigest === 'CRC32C' })
    expect(back.equals(data)).toBe(true)
  })

  it('refuses a target without the digest that is required', async () => {
    const target = await aTarget()
    await expect(IscsiSession.open(optionsFor(target, { dataDigest: 'require' }))).rejects.toMatchObject({
      code: 'REFUSED',
    })
  })

  it.each([1, 2])('keeps to a window of %i commands', async (window) => {
    const target = await aTarget({ window })
    const session = await aSession(target, { commandBytes: 4_096, queueDepth: 16 })
    const data = pattern(256 * kib)

    await Promise.all([session.write(0, data), session.write(256 * kib, data)])

    expect(target.disk.bytes.subarray(256 * kib, 512 * kib).equals(data)).toBe(true)
  })

  it('keeps several commands in flight, and no more than it may', async () => {
    const target = await aTarget()
    const session = await aSession(target, { commandBytes: 4_096, queueDepth: 3 })
    const held: (() => void)[] = []
    target.next(
      'read',
      ...Array.from({ length: 3 }, () => (connection: TargetConnection, pdu: Pdu) => {
        held.push(() => connection.handle(pdu))
      }),
    )

    const reading = session.read(0, Buffer.alloc(64 * kib))
    await target.seen('read', 3)
    expect(target.requests.filter((kind) => kind === 'read')).toHaveLength(3)
    // In another order than they came in.
    for (const answer of held.reverse()) answer()
    await reading
  })

  it('splits by what the unit takes at once', async () => {
    const target = await aTarget({ maxTransfer: 8 })
    const session = await aSession(target)

    await session.read(0, Buffer.alloc(64 * kib))

    expect(target.requests.filter((kind) => kind === 'read')).toHaveLength(16)
    expect(await session.blockLimits()).toMatchObject({ transfer: 8 })
  })

  it('counts in the blocks of the disk, and refuses parts of them before anything is sent', async () => {
    const target = await aTarget({ blockSize: 4_096 })
    const session = await aSession(target)

    await session.write(4_096, pattern(8_192))
    expect(target.disk.bytes.subarray(4_096, 12_288).equals(pattern(8_192))).toBe(true)
    for (const [offset, length] of [
      [512, 4_096],
      [0, 512],
      [-4_096, 4_096],
      [2 ** 53, 4_096],
      [0.5, 4_096],
    ] as const)
      await expect(session.read(offset, Buffer.alloc(length))).rejects.toThrow(RangeError)
    await session.read(0, Buffer.alloc(0))
    expect(target.requests).not.toContain('read')
  })

  it('takes answers whose status comes by itself, and buffers that are parts of others', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.disk.bytes.set(pattern(4_096))
    target.next('read', (connection, pdu) => {
      connection.dataIn(pdu, 0, 0, target.disk.bytes.subarray(0, 1_024), false)
      connection.dataIn(pdu, 1, 1_024, target.disk.bytes.subarray(1_024, 4_096), false)
      connection.status(pdu, 0)
    })
    const whole = Buffer.alloc(8_192, 1)

    await session.read(0, whole.subarray(2_048, 6_144))

    expect(whole.subarray(2_048, 6_144).equals(pattern(4_096))).toBe(true)
    expect([whole[2_047], whole[6_144]]).toEqual([1, 1])
  })

  it.each([
    ['read', [5, 0x21, 0], 'OUT_OF_RANGE'],
    ['write', [7, 0x27, 7], 'NO_SPACE'],
    ['write', [7, 0x27, 0], 'WRITE_PROTECTED'],
    ['read', [3, 0x11, 0], 'MEDIUM_ERROR'],
    ['write', [5, 0x55, 1], 'CHECK_CONDITION'],
  ] as const)('ends a %s that fails with sense %o with %s', async (kind, sense, code) => {
    const target = await aTarget()
    const session = await aSession(target, { commandBytes: 4_096 })
    // At the first of several commands, before the data of the write have been asked for.
    target.next(kind, (connection, pdu) => connection.status(pdu, 2, sense))

    await expect(session[kind](0, Buffer.alloc(64 * kib))).rejects.toMatchObject({
      code,
      sense: { key: sense[0], asc: sense[1], ascq: sense[2] },
    })
    await session[kind](0, Buffer.alloc(64 * kib))
    expect(session.reconnects).toBe(0)
  })

  it('refuses a reservation of somebody else', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('write', (connection, pdu) => connection.status(pdu, 0x18))
    await expect(session.write(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'RESERVED', retryable: false })
  })

  it('refuses fewer data than it asked for', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('read', (connection, pdu) => connection.dataIn(pdu, 0, 0, Buffer.alloc(512), true))
    await expect(session.read(0, Buffer.alloc(4_096))).rejects.toMatchObject({ code: 'PROTOCOL' })
  })
})

describe('a unit that needs a moment', () => {
  it.each([0x08, 0x28, 0x40])('gets the command again after status %i', async (status) => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next(
      'write',
      (connection, pdu) => connection.status(pdu, status),
      (connection, pdu) => connection.status(pdu, status),
    )

    await session.write(0, pattern(4_096))

    expect(target.disk.bytes.subarray(0, 4_096).equals(pattern(4_096))).toBe(true)
    expect(target.requests.filter((kind) => kind === 'write')).toHaveLength(3)
  })

  it('gets the command again when the target had no room for it', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('read', (connection, pdu) => connection.reject(pdu, 10))
    await session.read(0, Buffer.alloc(4_096))
    expect(session.reconnects).toBe(0)
  })

  it('fails with BUSY when the moment does not end', async () => {
    const target = await aTarget()
    const session = await aSession(target, { busyMs: 60 })
    target.next(
      'write',
      ...Array.from({ length: 5 }, () => (connection: TargetConnection, pdu: Pdu) => connection.status(pdu, 8)),
    )
    await expect(session.write(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'BUSY', retryable: true })
  })

  it('may have news, but not without end', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    const news = Array.from(
      { length: 12 },
      () => (connection: TargetConnection, pdu: Pdu) => connection.status(pdu, 2, [6, 0x3f, 3]),
    )

    target.next('read', ...news.slice(0, 5))
    await session.read(0, Buffer.alloc(512))
    target.next('read', ...news)
    await expect(session.read(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'CHECK_CONDITION' })
  })
})

describe('the life of a volume', () => {
  it('grows', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    await expect(session.write(1024 * kib, pattern(4_096))).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })

    target.resize(2048 * kib)

    expect(await session.readCapacity()).toMatchObject({ bytes: 2048 * kib })
    expect(session.capacity.blocks).toBe(4_096)
    await session.write(1024 * kib, pattern(4_096))
    expect(target.disk.bytes.subarray(1024 * kib, 1028 * kib).equals(pattern(4_096))).toBe(true)
  })

  it('is flushed, by the older command where there is no newer one', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next(
      'flush',
      (connection, pdu) => connection.status(pdu, 2, [5, 0x20, 0]),
      (connection, pdu) => {
        expect(pdu.header[32]).toBe(0x35)
        connection.handle(pdu)
      },
    )

    await session.flush()
    await session.flush()

    expect(target.requests.filter((kind) => kind === 'flush')).toHaveLength(3)
  })

  it('gives space back when it is thin', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    await session.write(0, Buffer.alloc(4_096, 1))

    await session.unmap(512, 1_024)

    expect([511, 512, 1_535, 1_536].map((at) => target.disk.bytes[at])).toEqual([1, 0, 0, 1])
    const thick = await aSession(await aTarget({ thin: false }))
    await expect(thick.unmap(0, 512)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('says that there is no such page where there is none', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('inquiry', (connection, pdu) => connection.status(pdu, 2, [5, 0x24, 0]))
    await expect(session.serialNumber()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('keeping a session', () => {
  it('answers the target that asks for a sign of life', async () => {
    const target = await aTarget()
    await aSession(target)

    target.connections[0]?.askForLife()

    await target.seen('pong', 1)
  })

  it('asks a silent target for one, and goes on', async () => {
    const target = await aTarget()
    const session = await aSession(target, { keepAliveMs: 20 })
    await target.seen('ping', 3)
    await session.read(0, Buffer.alloc(512))
    expect(session.reconnects).toBe(0)
  })

  it('logs out when it is closed, once', async () => {
    const target = await aTarget()
    const session = await IscsiSession.open(optionsFor(target))

    await Promise.all([session.close(), session.close()])

    expect(target.requests.filter((kind) => kind === 'logout')).toHaveLength(1)
    await expect(session.read(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('ends what is under way when it is closed', async () => {
    const target = await aTarget()
    const session = await aSession(target, { abortGraceMs: 10 })
    target.next('read', () => {})
    const reading = session.read(0, Buffer.alloc(512))
    const ended = expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
    await target.seen('read', 1)

    await session.close()

    await ended
  })
})

describe('discoverTargets', () => {
  it('lists the targets with their portals', async () => {
    const target = await aTarget()
    expect(await discoverTargets({ portals: [target.portal], initiatorName })).toEqual([
      { target: target.name, portals: [target.portal] },
    ])
  })

  it('puts a long list together', async () => {
    const target = await aTarget()
    const part =
      (transferTag: number, text: string) =>
      (connection: TargetConnection, pdu: Pdu): void =>
        connection.send(
          0x24,
          (header) => {
            header[1] = transferTag === 0xffff_ffff ? 0x80 : 0
            header.set(pdu.header.subarray(16, 20), 16)
            header.writeUInt32BE(transferTag, 20)
          },
          Buffer.from(text),
        )
    target.next(
      'text',
      part(1, 'TargetName=iqn.a:1\0TargetAdd'),
      part(0xffff_ffff, 'ress=10.0.0.1:3260,1\0TargetName=iqn.a:2\0'),
    )

    expect(await discoverTargets({ portals: [target.portal], initiatorName })).toEqual([
      { target: 'iqn.a:1', portals: ['10.0.0.1:3260'] },
      { target: 'iqn.a:2', portals: [] },
    ])
  })

  it('ends with the signal, and in time when no answer comes', async () => {
    const target = await aTarget()
    const options = { portals: [target.portal], initiatorName }
    const controller = new AbortController()
    target.next(
      'text',
      () => controller.abort(),
      () => {},
    )

    await expect(discoverTargets(options, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(discoverTargets({ ...options, loginTimeoutMs: 200 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  })
})
