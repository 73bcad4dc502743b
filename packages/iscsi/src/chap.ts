/**
 * CHAP (RFC 1994 and RFC 7143, 12.1.3): a secret is proved by a digest over it and a challenge of the other side.
 *
 * MD5 alone is offered: the numbers of the other algorithms mean different things to different targets (tgt takes 7, SHA-256 in the
 * registry, for SHA-1). What an eavesdropper gets is one digest over a secret of at least twelve bytes.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { IscsiError } from './errors.ts'
import type { ChapCredentials } from './options.ts'
import { formatBinary, parseBinary, type TextKey } from './text-keys.ts'

/** The key and value that offer the algorithm. */
export const algorithmOffer: TextKey = ['CHAP_A', '5']

/** The digest that proves a secret. @throws IscsiError BAD_OPTIONS on a Node that has no MD5 (FIPS) */
export function chapDigest(id: number, secret: string, challenge: Uint8Array): Buffer {
  try {
    return createHash('md5').update(Uint8Array.of(id)).update(secret, 'utf8').update(challenge).digest()
  } catch (cause) {
    throw new IscsiError('BAD_OPTIONS', 'CHAP needs MD5, which this Node.js does not have (FIPS mode)', { cause })
  }
}

/** Our side of one login: answers the target's challenge and, for mutual CHAP, asks one of our own. */
export class ChapExchange {
  readonly #own: ChapCredentials
  readonly #target: ChapCredentials | undefined
  readonly #id: number
  readonly #challenge: Buffer

  /** @param random - makes that many random bytes */
  constructor(own: ChapCredentials, target: ChapCredentials | undefined, random: (bytes: number) => Buffer) {
    this.#own = own
    this.#target = target
    this.#id = random(1).readUInt8()
    this.#challenge = random(16)
  }

  /** Answers the target's challenge. @throws IscsiError PROTOCOL | AUTHENTICATION */
  respond(keys: ReadonlyMap<string, string>): readonly TextKey[] {
    if (keys.get('CHAP_A') !== algorithmOffer[1])
      throw new IscsiError('AUTHENTICATION', `the target wants CHAP with an algorithm other than MD5`)
    const id = Number(keys.get('CHAP_I') ?? Number.NaN)
    if (!Number.isInteger(id) || id < 0 || id > 255)
      throw new IscsiError('PROTOCOL', 'the target sent no CHAP identifier of one byte')
    const challenge = parseBinary('CHAP_C', keys.get('CHAP_C') ?? '')
    if (challenge.equals(this.#challenge))
      throw new IscsiError('AUTHENTICATION', 'the target sent our own challenge back to us')
    const response = formatBinary(chapDigest(id, this.#own.secret, challenge))
    const answer: TextKey[] = [
      ['CHAP_N', this.#own.user],
      ['CHAP_R', response],
    ]
    if (this.#target !== undefined) answer.push(['CHAP_I', String(this.#id)], ['CHAP_C', formatBinary(this.#challenge)])
    return answer
  }

  /** Checks the target's proof, when mutual CHAP asks for one. @throws IscsiError PROTOCOL | AUTHENTICATION */
  verify(keys: ReadonlyMap<string, string>): void {
    if (this.#target === undefined) return
    const name = keys.get('CHAP_N')
    const response = keys.get('CHAP_R')
    if (name === undefined || response === undefined)
      throw new IscsiError('AUTHENTICATION', 'the target did not prove who it is, as mutual CHAP demands')
    const wanted = chapDigest(this.#id, this.#target.secret, this.#challenge)
    const given = parseBinary('CHAP_R', response)
    const proved = given.length === wanted.length && timingSafeEqual(given, wanted)
    if (!proved || name !== this.#target.user)
      throw new IscsiError('AUTHENTICATION', 'the target could not prove who it is: name or secret are wrong')
  }
}
