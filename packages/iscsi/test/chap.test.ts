import { describe, expect, it } from 'vitest'
import { ChapExchange, chapDigest } from '../src/chap.ts'

const own = { user: 'me', secret: 'secret-of-mine' }
const target = { user: 'you', secret: 'secret-of-yours' }
/** Random bytes that are known: the identifier is 9, the challenge sixteen nines. */
const nines = (bytes: number): Buffer => Buffer.alloc(bytes, 9)
const keys = (more: Record<string, string> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries({ CHAP_A: '5', CHAP_I: '1', CHAP_C: '0x0102', ...more }))
const failing = (code: string): unknown => expect.objectContaining({ code })

describe('ChapExchange', () => {
  it('answers with the digest of identifier, secret and challenge', () => {
    // `printf '\x01secret-of-mine\x01\x02' | md5sum`
    expect(new ChapExchange(own, undefined, nines).respond(keys())).toEqual([
      ['CHAP_N', 'me'],
      ['CHAP_R', '0x8fc37e954274615f7ed20891a7338036'],
    ])
  })

  it('asks the target for a proof, and takes the right one', () => {
    const exchange = new ChapExchange(own, target, nines)

    expect(exchange.respond(keys()).slice(2)).toEqual([
      ['CHAP_I', '9'],
      ['CHAP_C', `0x${'09'.repeat(16)}`],
    ])
    const proof = `0x${chapDigest(9, target.secret, nines(16)).toString('hex')}`
    exchange.verify(keys({ CHAP_N: 'you', CHAP_R: proof }))
    expect(() => exchange.verify(keys({ CHAP_N: 'them', CHAP_R: proof }))).toThrow(failing('AUTHENTICATION'))
    expect(() => exchange.verify(keys({ CHAP_N: 'you', CHAP_R: '0x00' }))).toThrow(failing('AUTHENTICATION'))
    expect(() => exchange.verify(keys())).toThrow(failing('AUTHENTICATION'))
  })

  it('does not answer its own challenge', () => {
    const exchange = new ChapExchange(own, target, nines)
    expect(() => exchange.respond(keys({ CHAP_C: `0x${'09'.repeat(16)}` }))).toThrow(failing('AUTHENTICATION'))
  })

  it.each([
    [{ CHAP_A: '7' }, 'AUTHENTICATION'],
    [{ CHAP_I: '256' }, 'PROTOCOL'],
    [{ CHAP_I: '', CHAP_C: '' }, 'PROTOCOL'],
    [{ CHAP_C: 'hello' }, 'PROTOCOL'],
  ])('refuses %o with %s', (more, code) => {
    expect(() => new ChapExchange(own, undefined, nines).respond(keys(more as Record<string, string>))).toThrow(
      failing(code),
    )
  })
})
