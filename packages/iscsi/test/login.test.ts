import { describe, expect, it } from 'vitest'
import { LoginExchange, type LoginStep } from '../src/login.ts'
import { loginError } from '../src/login-status.ts'
import { formatKeys, parseKeys } from '../src/text-keys.ts'
import { initiatorName } from './support/sessions.ts'

const plain = {
  initiatorName,
  chap: undefined,
  targetChap: undefined,
  headerDigest: 'never',
  dataDigest: 'never',
} as const
const chap = { user: 'me', secret: 'secret-of-mine' }
const isid = Uint8Array.of(0x80, 1, 2, 3, 4, 5)

function anExchange(more: object = {}): LoginExchange {
  const random = (bytes: number): Buffer => Buffer.alloc(bytes, 9)
  return new LoginExchange({ options: { ...plain, ...more }, target: 'iqn.2020-01.test:a', isid, random })
}

/** What the target says: the stage it is in, the one it goes to, and keys. */
function response(
  stage: number,
  next: number | null,
  keys: Record<string, string> = {},
  more: { status?: number; goOn?: boolean } = {},
): [Buffer, Buffer] {
  const header = Buffer.alloc(48)
  header[0] = 0x23
  header[1] = (stage << 2) | (next === null ? 0 : 0x80 | next) | (more.goOn ? 0x40 : 0)
  header.writeUInt32BE(41, 24)
  header.writeUInt16BE(more.status ?? 0, 36)
  return [header, formatKeys(Object.entries(keys))]
}

/** What a step sends, in short. */
function sent(step: LoginStep): { stage: number; next: number | null; keys: Record<string, string> } {
  if (step.kind !== 'send') throw new Error(`the login is ${step.kind}`)
  const flags = step.header.readUInt8(1)
  return {
    stage: (flags >>> 2) & 3,
    next: flags & 0x80 ? flags & 3 : null,
    keys: Object.fromEntries(parseKeys(step.data)),
  }
}

describe('LoginExchange', () => {
  it('says who it is and what it wants, and asks for the next stage', () => {
    const step = anExchange().begin()

    expect(sent(step)).toEqual({
      stage: 0,
      next: 1,
      keys: {
        InitiatorName: initiatorName,
        SessionType: 'Normal',
        TargetName: 'iqn.2020-01.test:a',
        AuthMethod: 'None',
      },
    })
    expect(step.header.subarray(8, 16)).toEqual(Buffer.from([...isid, 0, 0]))
  })

  it('ends with what was agreed on, and the numbers that are due', () => {
    const exchange = anExchange()
    exchange.begin()

    expect(sent(exchange.answer(...response(0, 1, { AuthMethod: 'None' })))).toMatchObject({ stage: 1, next: 3 })
    expect(exchange.answer(...response(1, 3, { InitialR2T: 'No' }))).toMatchObject({
      kind: 'done',
      firstStatus: 42,
      agreement: { initialR2T: false },
    })
  })

  it('asks once more when the target stays in a stage', () => {
    const exchange = anExchange()
    exchange.begin()

    expect(sent(exchange.answer(...response(0, null)))).toEqual({ stage: 0, next: 1, keys: {} })
    exchange.answer(...response(0, 1))
    expect(sent(exchange.answer(...response(1, null, { MaxConnections: '1' })))).toEqual({
      stage: 1,
      next: 3,
      keys: {},
    })
    expect(exchange.answer(...response(1, 3)).kind).toBe('done')
  })

  it('answers what the target offers by itself', () => {
    const exchange = anExchange()
    exchange.begin()
    exchange.answer(...response(0, 1))
    exchange.answer(...response(1, null, { MaxBurstLength: '65536' }))

    expect(sent(exchange.answer(...response(1, null, { MaxBurstLength: '32768', IFMarker: 'Yes' })))).toMatchObject({
      keys: { MaxBurstLength: '32768', IFMarker: 'Reject' },
    })
  })

  it('puts text together that comes in several responses', () => {
    const exchange = anExchange()
    exchange.begin()
    exchange.answer(...response(0, 1))
    const [header] = response(1, null, {}, { goOn: true })

    expect(sent(exchange.answer(header, Buffer.from('MaxBurst')))).toEqual({ stage: 1, next: null, keys: {} })
    const [last] = response(1, 3)
    expect(exchange.answer(last, Buffer.from('Length=1024\0'))).toMatchObject({ agreement: { maxBurst: 1_024 } })
  })

  it('goes through CHAP step by step', () => {
    const exchange = anExchange({ chap })

    expect(sent(exchange.begin())).toMatchObject({ next: null, keys: { AuthMethod: 'CHAP,None' } })
    expect(sent(exchange.answer(...response(0, null, { AuthMethod: 'CHAP' })))).toMatchObject({ keys: { CHAP_A: '5' } })
    const proof = sent(exchange.answer(...response(0, null, { CHAP_A: '5', CHAP_I: '1', CHAP_C: '0x0102' })))
    expect(proof).toMatchObject({ stage: 0, next: 1, keys: { CHAP_N: 'me' } })
    expect(sent(exchange.answer(...response(0, 1)))).toMatchObject({ stage: 1, next: 3 })
  })

  it('does without CHAP when the target does not ask for it, unless the target must prove itself', () => {
    const easy = anExchange({ chap })
    easy.begin()
    expect(sent(easy.answer(...response(0, null, { AuthMethod: 'None' })))).toMatchObject({ stage: 0, next: 1 })

    const strict = anExchange({ chap, targetChap: { user: 'you', secret: 'secret-of-yours' } })
    expect(sent(strict.begin())).toMatchObject({ keys: { AuthMethod: 'CHAP' } })
    expect(() => strict.answer(...response(0, 1, { AuthMethod: 'None' }))).toThrow(
      expect.objectContaining({ code: 'AUTHENTICATION' }),
    )
  })

  it('refuses a target that asks for CHAP where there is no secret', () => {
    const exchange = anExchange()
    exchange.begin()
    expect(() => exchange.answer(...response(0, null, { AuthMethod: 'CHAP' }))).toThrow(
      expect.objectContaining({ code: 'AUTHENTICATION' }),
    )
  })

  it('says where a redirection leads, without the portal group', () => {
    const exchange = anExchange()
    exchange.begin()
    const step = exchange.answer(...response(0, null, { TargetAddress: '[2001:db8::1]:3260,1' }, { status: 0x0101 }))
    expect(step).toEqual({ kind: 'redirect', portal: '[2001:db8::1]:3260' })
  })

  it('gives up on a target that does not come to an end', () => {
    const exchange = anExchange()
    exchange.begin()
    const rounds = (): void => {
      for (let round = 0; round < 100; round += 1) exchange.answer(...response(0, null))
    }
    expect(rounds).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })

  it.each([
    ['another PDU', () => Buffer.alloc(48)],
    ['a stage that was not asked for', () => response(0, 3)[0]],
  ])('refuses %s', (_, header) => {
    const exchange = anExchange()
    exchange.begin()
    expect(() => exchange.answer(header(), Buffer.alloc(0))).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })
})

describe('loginError', () => {
  it.each([
    [0x0200, 'REFUSED'],
    [0x0201, 'AUTHENTICATION'],
    [0x0202, 'FORBIDDEN'],
    [0x0203, 'NOT_FOUND'],
    [0x0204, 'NOT_FOUND'],
    [0x0206, 'UNAVAILABLE'],
    [0x020b, 'REFUSED'],
    [0x0301, 'UNAVAILABLE'],
    [0x0399, 'UNAVAILABLE'],
    [0x0900, 'REFUSED'],
  ])('makes %i the code %s', (status, code) => {
    expect(loginError(status, 'iqn.2020-01.test:a').code).toBe(code)
  })
})
