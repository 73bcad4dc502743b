import { describe, expect, it } from 'vitest'
import type {
  Pdu,
  RequestKind,
  ScriptedTarget,
  TargetConnection,
} from '../../../test/support/iscsi-target/scripted-target.ts'
import { type IscsiError, IscsiSession } from '../src/index.ts'
import { aSession, aTarget, optionsFor, pattern } from './support/sessions.ts'

const kib = 1024

/** Ways to break a connection in the middle of a request. */
const breaks: Readonly<Record<string, (connection: TargetConnection, pdu: Pdu) => void>> = {
  'a cut': (connection) => connection.drop(),
  'bytes that are no PDU': (connection) => connection.raw(Buffer.alloc(4_096, 0xee)),
  'a PDU of an unknown kind': (connection) => connection.send(0x3e, () => {}),
  'an answer to nothing': (connection, pdu) => {
    const odd = { header: Buffer.from(pdu.header), data: pdu.data }
    odd.header.writeUInt32BE(0x7777_7777, 16)
    connection.status(odd, 0)
  },
  'a missing answer': (connection, pdu) => {
    connection.send(0x20, (header) => header.writeUInt32BE(0xffff_ffff, 16))
    connection.handle(pdu)
  },
  'a rejection': (connection, pdu) => connection.reject(pdu, 4),
  'a response of the target': (connection, pdu) =>
    connection.send(0x21, (header) => {
      header[2] = 1
      header.set(pdu.header.subarray(16, 20), 16)
    }),
  'half a PDU': (connection) => {
    connection.raw(Buffer.alloc(20))
    connection.drop()
  },
}

async function written(target: ScriptedTarget, session: IscsiSession): Promise<void> {
  const data = pattern(256 * kib)
  await session.write(4_096, data)
  expect(target.disk.bytes.subarray(4_096, 4_096 + data.length).equals(data)).toBe(true)
  const back = Buffer.alloc(data.length)
  await session.read(4_096, back)
  expect(back.equals(data)).toBe(true)
}

describe('a connection that breaks', () => {
  it.each(
    Object.keys(breaks).flatMap((way) => (['read', 'write', 'flush'] as const).map((kind) => [way, kind] as const)),
  )('by %s during a %s is had again, and the command is sent again', async (way, kind) => {
    const target = await aTarget()
    const session = await aSession(target, { commandBytes: 64 * kib })
    target.next(kind, breaks[way] ?? (() => {}))

    await written(target, session)
    await session.flush()

    expect(session.reconnects).toBe(1)
  })

  it.each([1, 2, 3])('at data PDU %i of a write is had again', async (nth) => {
    const target = await aTarget({ answers: { MaxBurstLength: '65536' } })
    const session = await aSession(target, { commandBytes: 256 * kib })
    const pass = Array.from(
      { length: nth - 1 },
      () => (connection: TargetConnection, pdu: Pdu) => connection.handle(pdu),
    )
    target.next('data-out', ...pass, (connection) => connection.drop())

    await written(target, session)

    expect(session.reconnects).toBe(1)
  })

  it.each<[string, (connection: TargetConnection, pdu: Pdu, disk: Buffer) => void]>([
    ['data out of order', (connection, pdu, disk) => connection.dataIn(pdu, 0, 512, disk.subarray(512, 1_024), false)],
    ['data with a wrong number', (connection, pdu, disk) => connection.dataIn(pdu, 1, 0, disk.subarray(0, 512), false)],
    ['more data than it asked for', (connection, pdu) => connection.dataIn(pdu, 0, 0, Buffer.alloc(8_192), false)],
    [
      'data cut in the middle',
      (connection, pdu) => {
        connection.dataIn(pdu, 0, 0, Buffer.alloc(1_024), false)
        connection.drop()
      },
    ],
    [
      'more data in a PDU than were agreed on',
      (connection) => {
        const header = Buffer.alloc(48)
        header[0] = 0x25
        header.writeUIntBE(0xff_ffff, 5, 3)
        connection.raw(header)
      },
    ],
  ])('by %s is had again', async (_, script) => {
    const target = await aTarget()
    const session = await aSession(target)
    target.disk.bytes.set(pattern(4_096))
    target.next('read', (connection, pdu) => script(connection, pdu, target.disk.bytes))
    const back = Buffer.alloc(4_096)

    await session.read(0, back)

    expect(back.equals(pattern(4_096))).toBe(true)
    expect(session.reconnects).toBe(1)
  })

  it.each<[string, (connection: TargetConnection, pdu: Pdu) => void]>([
    ['beyond the end', (connection, pdu) => connection.askForData(pdu, 0, 65_536, 1024 * kib)],
    ['that were sent already', (connection, pdu) => connection.askForData(pdu, 0, 0, 4_096)],
    ['with a gap before', (connection, pdu) => connection.askForData(pdu, 0, 131_072, 4_096)],
    ['after a request that is missing', (connection, pdu) => connection.askForData(pdu, 1, 65_536, 4_096)],
    ['of no length', (connection, pdu) => connection.askForData(pdu, 0, 65_536, 0)],
  ])('by a request for data %s is had again', async (_, script) => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('write', script)

    await written(target, session)

    expect(session.reconnects).toBe(1)
  })

  it.each(['header', 'data'] as const)('by a wrong digest of the %s is had again', async (part) => {
    const target = await aTarget({ answers: { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' } })
    const session = await aSession(target, { headerDigest: 'require', dataDigest: 'require' })
    target.next('read', (connection, pdu) => {
      // Without the digest that is due, the bytes after it are taken for one.
      connection.digests[part] = false
      connection.handle(pdu)
      connection.raw(Buffer.alloc(64))
    })

    await written(target, session)

    expect(session.reconnects).toBe(1)
  })

  it('carries the identity of the session to the next one, so that the target ends the old one first', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    const identity = target.connections[0]?.identity
    const other = await aSession(target)
    expect(target.connections[1]?.identity).not.toBe(identity)

    target.next('read', (connection) => connection.raw(Buffer.alloc(48, 0xee)))
    await session.read(0, Buffer.alloc(512))

    expect(target.connections.map((connection) => connection.identity)).toContain(identity)
    expect(target.connections).toHaveLength(2)
    await other.read(0, Buffer.alloc(512))
    expect(other.reconnects).toBe(0)
  })

  it('while nothing goes on is had again with the next command', async () => {
    const target = await aTarget()
    const session = await aSession(target)

    target.connections[0]?.drop()

    await written(target, session)
    expect(session.reconnects).toBe(1)
  })

  it('is had again at the next portal', async () => {
    const [first, second] = [await aTarget(), await aTarget()]
    const session = await aSession(first, { portals: [first.portal, second.portal] })

    first.connections[0]?.drop()
    await session.read(0, Buffer.alloc(512))

    expect(session.portal).toBe(second.portal)
  })

  it('is not had again when another device stands there now', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.disk.serial = 'serial-2'
    target.connections[0]?.drop()

    await expect(session.write(0, pattern(512))).rejects.toMatchObject({ code: 'DEVICE_CHANGED', retryable: false })
    expect(target.requests).not.toContain('write')
  })

  it('is not had again when the target has forgotten us', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('login', (connection, pdu) => connection.loginStatus(pdu, 0x0203))
    target.connections[0]?.drop()

    await expect(session.read(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await session.read(0, Buffer.alloc(512))
  })

  it('is tried again while the target cannot serve, and breaks in the middle of the login', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next(
      'login',
      (connection, pdu) => connection.loginStatus(pdu, 0x0301),
      (connection) => connection.drop(),
    )
    target.next('inquiry', (connection) => connection.drop())
    target.connections[0]?.drop()

    await written(target, session)

    expect(session.reconnects).toBe(1)
  })

  it('fails the call when it cannot be had again in time, and does not try where it must not', async () => {
    const target = await aTarget()
    const [patient, hasty] = [await aSession(target, { recoveryMs: 300 }), await aSession(target, { recoveryMs: 0 })]
    await target[Symbol.asyncDispose]()

    await expect(patient.read(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true })
    await expect(hasty.read(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('does not come and go for ever over one command', async () => {
    const target = await aTarget()
    const session = await aSession(target, { replays: 2 })
    target.next(
      'read',
      ...Array.from({ length: 4 }, () => (connection: TargetConnection) => connection.raw(Buffer.alloc(48, 0xee))),
    )

    await expect(session.read(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'PROTOCOL' })
    expect(target.requests.filter((kind) => kind === 'read')).toHaveLength(3)
  })
})

describe('a login that breaks', () => {
  it.each([0, 1])('at request %i fails the opening', async (nth) => {
    const target = await aTarget()
    const pass = Array.from({ length: nth }, () => (connection: TargetConnection, pdu: Pdu) => connection.handle(pdu))
    target.next('login', ...pass, (connection) => connection.drop())
    await expect(IscsiSession.open(optionsFor(target))).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      retryable: true,
    })
  })

  it.each<[string, RequestKind]>([
    ['the question for units', 'report-luns'],
    ['the first inquiry', 'inquiry'],
    ['the question for the size', 'capacity'],
  ])('at %s is tried again', async (_, kind) => {
    const target = await aTarget()
    target.next(kind, (connection) => connection.drop())
    expect((await aSession(target)).reconnects).toBe(1)
  })

  it('by garbage fails the opening', async () => {
    const target = await aTarget()
    target.next('login', (connection) =>
      connection.raw(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(64, '.'))),
    )
    await expect(IscsiSession.open(optionsFor(target))).rejects.toMatchObject({ code: 'PROTOCOL' })
  })
})

describe('a target that says nothing', () => {
  it('for one command loses the connection, and gets the command again', async () => {
    const target = await aTarget()
    const session = await aSession(target, { commandTimeoutMs: 500 })
    target.next('write', () => {})
    await written(target, session)
    expect(session.reconnects).toBeGreaterThanOrEqual(1)
  })

  it('at all loses the connection', async () => {
    const target = await aTarget()
    const session = await aSession(target, { keepAliveMs: 20, keepAliveTimeoutMs: 500 })
    target.next('ping', () => {})
    target.next('read', () => {})
    await session.read(0, Buffer.alloc(512))
    expect(session.reconnects).toBeGreaterThanOrEqual(1)
  })

  it('during the login fails the opening', async () => {
    const target = await aTarget()
    target.next('login', () => {})
    await expect(IscsiSession.open(optionsFor(target, { loginTimeoutMs: 100 }))).rejects.toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
    })
  })

  it('to a logout does not hold up the closing', async () => {
    const target = await aTarget()
    const session = await IscsiSession.open(optionsFor(target))
    target.next('logout', (connection) => connection.drop())
    await session.close()
  })
})

describe('a target that wants us to go', () => {
  it.each([1, 4])('by event %i gets a logout when the commands are done, and a new login', async (event) => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('read', (connection, pdu) => {
      connection.event(event, 0, 10)
      connection.handle(pdu)
    })

    await session.read(0, Buffer.alloc(512))
    await target.seen('logout', 1)
    await written(target, session)

    expect(session.reconnects).toBe(1)
  })

  it('with commands that do not end gets them again', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('read', (connection) => connection.event(1, 0, 0))

    await session.read(0, Buffer.alloc(512))

    expect(target.requests).toContain('logout')
    expect(session.reconnects).toBe(1)
  })

  it('drops the connection after it said so', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    target.next('read', (connection) => {
      connection.event(2, 0)
      connection.drop()
    })
    await session.read(0, Buffer.alloc(512))
    expect(session.reconnects).toBe(1)
  })
})

describe('a call that is aborted', () => {
  it('waits for its command, and leaves the session as it was', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    const controller = new AbortController()
    target.next('read', (connection, pdu) => {
      controller.abort()
      connection.handle(pdu)
    })

    await expect(session.read(0, Buffer.alloc(4_096), { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    await session.read(0, Buffer.alloc(4_096))
    expect(session.reconnects).toBe(0)
  })

  it('gives up the connection when the command does not end, and nothing is put into the buffer any more', async () => {
    const target = await aTarget()
    const session = await aSession(target, { abortGraceMs: 50 })
    const controller = new AbortController()
    const held: { connection: TargetConnection; pdu: Pdu }[] = []
    target.next('read', (connection, pdu) => {
      held.push({ connection, pdu })
      controller.abort()
    })
    const buffer = Buffer.alloc(4_096, 7)

    await expect(session.read(0, buffer, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    for (const { connection, pdu } of held) connection.dataIn(pdu, 0, 0, Buffer.alloc(4_096), true)
    await session.read(0, Buffer.alloc(4_096))

    expect(buffer.every((byte) => byte === 7)).toBe(true)
    expect(session.reconnects).toBe(1)
  })

  it('does not take with it what others have under way', async () => {
    const target = await aTarget()
    const session = await aSession(target, { abortGraceMs: 50 })
    const controller = new AbortController()
    target.next(
      'read',
      () => {},
      () => controller.abort(),
    )
    const aborted = session
      .read(0, Buffer.alloc(512), { signal: controller.signal })
      .catch((error: IscsiError) => error.code)
    const other = session.read(0, Buffer.alloc(512))

    expect(await aborted).toBe('ABORTED')
    await other
  })

  it('leaves the queue before its command is sent', async () => {
    const target = await aTarget({ window: 1 })
    const session = await aSession(target)
    const held: (() => void)[] = []
    target.next('read', (connection, pdu) => void held.push(() => connection.handle(pdu)))
    const first = session.read(0, Buffer.alloc(512))
    await target.seen('read', 1)

    const signal = AbortSignal.timeout(20)
    await expect(session.write(0, Buffer.alloc(512), { signal })).rejects.toMatchObject({ code: 'TIMEOUT' })
    for (const answer of held) answer()
    await first

    expect(target.requests).not.toContain('write')
    expect(session.reconnects).toBe(0)
  })

  it.each([
    ['before it began', () => AbortSignal.abort()],
    ['while it connects', () => AbortSignal.timeout(50)],
  ])('is over at once %s', async (_, makeSignal) => {
    const target = await aTarget()
    target.next('login', () => {})
    await expect(IscsiSession.open(optionsFor(target), { signal: makeSignal() })).rejects.toSatisfy(
      (error: IscsiError) => error.code === 'ABORTED' || error.code === 'TIMEOUT',
    )
  })

  it('does not wait for a connection that is not to be had', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    await target[Symbol.asyncDispose]()
    await expect(session.read(0, Buffer.alloc(512), { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
  })
})
