/**
 * The login of one connection as a state machine without a socket: it makes requests and takes responses.
 *
 * Security stage (0): AuthMethod; with CHAP three more messages. Operational stage (1): keys of both sides. Then full feature phase (3). A
 * stage ends when we ask for the next one and the target agrees; it may want more rounds first, and split long text over several responses.
 */
import { algorithmOffer, ChapExchange } from './chap.ts'
import { IscsiError } from './errors.ts'
import { loginError } from './login-status.ts'
import { type Agreement, Negotiation } from './negotiation.ts'
import type { ResolvedPortalOptions } from './options.ts'
import { field, loginRequest, opcode, opcodeOf } from './pdu.ts'
import { advance } from './serial.ts'
import { formatKeys, parseKeys, type TextKey } from './text-keys.ts'

/** No target needs as many messages as this. */
const maxRounds = 20
/** Most text of one answer. */
const maxText = 64 * 1024

/** Who logs in to what. */
export interface LoginSubject {
  readonly options: Pick<ResolvedPortalOptions, 'initiatorName' | 'chap' | 'targetChap' | 'headerDigest' | 'dataDigest'>
  /** The target's name, or null to ask what targets there are. */
  readonly target: string | null
  /** The session's identity of six bytes. With the one of a lost session the target ends that one first. */
  readonly isid: Uint8Array
  readonly random: (bytes: number) => Buffer
}

/** What to do after a response. */
export type LoginStep =
  | { readonly kind: 'send'; readonly header: Buffer; readonly data: Buffer }
  | { readonly kind: 'redirect'; readonly portal: string }
  | {
      readonly kind: 'done'
      readonly agreement: Agreement
      readonly firstCommand: number
      readonly firstStatus: number
    }

type Phase = 'method' | 'algorithm' | 'response' | 'security-end' | 'operational'

/** CmdSN of the first command. Any number will do. */
const firstCommand = 1

/** One login. */
export class LoginExchange {
  readonly #subject: LoginSubject
  readonly #negotiation: Negotiation
  readonly #chap: ChapExchange | null
  #phase: Phase = 'method'
  #text: Buffer = Buffer.alloc(0)
  #expectedStatus = 0
  #rounds = 0

  constructor(subject: LoginSubject) {
    const { chap, targetChap, headerDigest, dataDigest } = subject.options
    this.#subject = subject
    this.#chap = chap === undefined ? null : new ChapExchange(chap, targetChap, subject.random)
    this.#negotiation = new Negotiation(headerDigest, dataDigest, subject.target === null)
  }

  /** The first request. */
  begin(): LoginStep & { readonly kind: 'send' } {
    const { options, target } = this.#subject
    // Whoever must prove himself may not leave it out.
    const methods = options.chap === undefined ? 'None' : options.targetChap === undefined ? 'CHAP,None' : 'CHAP'
    const keys: TextKey[] = [['InitiatorName', options.initiatorName]]
    keys.push(target === null ? ['SessionType', 'Discovery'] : ['SessionType', 'Normal'])
    if (target !== null) keys.push(['TargetName', target])
    keys.push(['AuthMethod', methods])
    return this.#request(keys, options.chap === undefined)
  }

  /** Takes a response. `header` and `data` are read at once. @throws IscsiError for a refusal, a broken rule, or a target that cannot prove itself */
  answer(header: Buffer, data: Uint8Array): LoginStep {
    if (opcodeOf(header) !== opcode.loginResponse)
      throw new IscsiError('PROTOCOL', `PDU 0x${opcodeOf(header).toString(16)} came during the login`)
    const status = header.readUInt16BE(36)
    if (status >>> 8 === 1) return this.#redirection(data)
    if (status !== 0) throw loginError(status, this.#subject.target ?? 'the portal')
    this.#rounds += 1
    if (this.#rounds > maxRounds) throw new IscsiError('PROTOCOL', 'the login does not come to an end')
    this.#expectedStatus = advance(header.readUInt32BE(field.statusNumber))

    this.#text = Buffer.concat([this.#text, data])
    if (this.#text.length > maxText) throw new IscsiError('PROTOCOL', 'the target sends too much text during the login')
    const flags = header.readUInt8(field.flags)
    if (flags & 0x40) return this.#request([], false)
    const keys = parseKeys(this.#text)
    this.#text = Buffer.alloc(0)
    const next = flags & 0x80 ? flags & 0x03 : null
    return this.#phase === 'operational' ? this.#operational(keys, next) : this.#security(keys, next)
  }

  #security(keys: readonly TextKey[], next: number | null): LoginStep {
    const values = new Map(keys)
    switch (this.#phase) {
      case 'method': {
        const method = values.get('AuthMethod') ?? 'None'
        if (method === 'CHAP' && this.#chap !== null) {
          this.#phase = 'algorithm'
          return this.#request([algorithmOffer], false)
        }
        if (method !== 'None')
          throw new IscsiError('AUTHENTICATION', 'the target does not take the ways to authenticate that were offered')
        if (this.#subject.options.targetChap !== undefined)
          throw new IscsiError('AUTHENTICATION', 'the target does not prove who it is, as mutual CHAP demands')
        this.#phase = 'security-end'
        break
      }
      case 'algorithm':
        this.#phase = 'response'
        return this.#request(this.#chap?.respond(values) ?? [], true)
      case 'response':
        this.#chap?.verify(values)
        this.#phase = 'security-end'
        break
      default:
    }
    if (next === null) return this.#request([], true)
    if (next === 3) throw new IscsiError('PROTOCOL', 'the target skips a stage of the login that was not offered')
    this.#phase = 'operational'
    return this.#request(this.#negotiation.offers(), true)
  }

  #operational(keys: readonly TextKey[], next: number | null): LoginStep {
    const answers = keys
      .map(([key, value]) => this.#negotiation.receive(key, value))
      .filter((answer) => answer !== null)
    if (next === null || answers.length > 0) return this.#request(answers, true)
    if (next !== 3) throw new IscsiError('PROTOCOL', 'the target goes back to a stage of the login that is over')
    return {
      kind: 'done',
      agreement: this.#negotiation.agreement(),
      firstCommand,
      firstStatus: this.#expectedStatus,
    }
  }

  #redirection(data: Uint8Array): LoginStep {
    const address = new Map(parseKeys(data)).get('TargetAddress')
    if (address === undefined) throw new IscsiError('PROTOCOL', 'the target redirects without saying where')
    return { kind: 'redirect', portal: address.replace(/,\d+$/, '') }
  }

  #request(keys: readonly TextKey[], transit: boolean): LoginStep & { readonly kind: 'send' } {
    const stage = this.#phase === 'operational' ? 1 : 0
    const header = loginRequest({
      stage,
      nextStage: transit ? (stage === 0 ? 1 : 3) : null,
      isid: this.#subject.isid,
      tsih: 0,
      command: firstCommand,
      status: this.#expectedStatus,
    })
    return { kind: 'send', header, data: formatKeys(keys) }
  }
}
