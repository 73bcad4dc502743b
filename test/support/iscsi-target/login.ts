/** The target's side of a login. */
import { createHash, randomBytes } from 'node:crypto'

/** Name and secret of CHAP. */
export interface Account {
  readonly user: string
  readonly secret: string
}

/** What the scripted target is told of logins. */
export interface LoginRules {
  readonly name: string
  readonly chap?: Account | undefined
  readonly targetChap?: Account | undefined
  /** Answers to the initiator's keys, instead of what it offers; a key with an empty answer is passed over. */
  readonly answers: Readonly<Record<string, string>>
  /** Keys that the target offers or tells of its own. */
  readonly offers: Readonly<Record<string, string>>
}

type Keys = Readonly<Record<string, string>>

/** What to answer. */
export interface LoginAnswer {
  readonly status: number
  readonly stage: number
  /** Null: stay. */
  readonly next: number | null
  readonly keys: Keys
}

const numbers = {
  MaxBurstLength: 262_144,
  FirstBurstLength: 65_536,
  MaxOutstandingR2T: 1,
  DefaultTime2Wait: 0,
  DefaultTime2Retain: 0,
  ErrorRecoveryLevel: 0,
  MaxConnections: 1,
}

/** One login; `terms` are its result. */
export class TargetLogin {
  /** What was agreed on, by key, and `MaxRecvDataSegmentLength` as the initiator told it. */
  readonly terms: Record<string, string> = { MaxRecvDataSegmentLength: '8192', SessionType: 'Normal' }
  readonly #rules: LoginRules
  #challenge = Buffer.alloc(0)
  #offered = false

  constructor(rules: LoginRules) {
    this.#rules = rules
  }

  /** Answers one request. */
  answer(stage: number, next: number | null, keys: Keys): LoginAnswer {
    for (const key of ['InitiatorName', 'TargetName', 'SessionType'])
      if (keys[key] !== undefined) this.terms[key] = keys[key]
    if (this.terms['InitiatorName'] === undefined) return this.#refuse(0x0207, stage)
    if (this.terms['SessionType'] === 'Normal' && this.terms['TargetName'] !== this.#rules.name)
      return this.#refuse(0x0203, stage)
    return stage === 0 ? this.#security(next, keys) : this.#operational(next, keys)
  }

  #refuse(status: number, stage: number): LoginAnswer {
    return { status, stage, next: null, keys: {} }
  }

  #security(next: number | null, keys: Keys): LoginAnswer {
    const { chap, targetChap } = this.#rules
    if (chap === undefined) return { status: 0, stage: 0, next, keys: { AuthMethod: 'None' } }
    const methods = keys['AuthMethod']
    if (methods !== undefined) {
      if (!methods.split(',').includes('CHAP')) return this.#refuse(0x0201, 0)
      return { status: 0, stage: 0, next: null, keys: { AuthMethod: 'CHAP' } }
    }
    if (keys['CHAP_A'] !== undefined) {
      this.#challenge = randomBytes(16)
      const challenge = `0b${this.#challenge.toString('base64')}`
      return {
        status: 0,
        stage: 0,
        next: null,
        keys: { CHAP_A: '5', CHAP_I: '7', CHAP_C: challenge, ...this.#rules.answers },
      }
    }
    const wanted = `0x${chapDigest(7, chap.secret, this.#challenge).toString('hex')}`
    if (keys['CHAP_N'] !== chap.user || keys['CHAP_R'] !== wanted) return this.#refuse(0x0201, 0)
    const asked = keys['CHAP_C']
    if (asked === undefined || targetChap === undefined) return { status: 0, stage: 0, next, keys: {} }
    const proof = chapDigest(Number(keys['CHAP_I']), targetChap.secret, Buffer.from(asked.slice(2), 'hex'))
    return { status: 0, stage: 0, next, keys: { CHAP_N: targetChap.user, CHAP_R: `0x${proof.toString('hex')}` } }
  }

  #operational(next: number | null, keys: Keys): LoginAnswer {
    const answers: Record<string, string> = {}
    for (const [key, offer] of Object.entries(keys)) {
      if (key === 'MaxRecvDataSegmentLength') this.terms[key] = offer
      else if (Object.hasOwn(this.#rules.offers, key)) this.terms[key] = offer
      else {
        const answer = this.#rules.answers[key] ?? byDefault(key, offer)
        if (answer === '') continue
        answers[key] = answer
        this.terms[key] = answer
      }
    }
    if (this.#offered || Object.keys(this.#rules.offers).length === 0)
      return { status: 0, stage: 1, next, keys: answers }
    this.#offered = true
    return { status: 0, stage: 1, next: null, keys: { ...answers, ...this.#rules.offers } }
  }
}

function byDefault(key: string, offer: string): string {
  if (key === 'HeaderDigest' || key === 'DataDigest') return offer.split(',').includes('None') ? 'None' : 'Reject'
  if (key === 'InitialR2T' || key.endsWith('InOrder')) return 'Yes'
  const own = (numbers as Record<string, number>)[key]
  return own === undefined
    ? offer
    : String(key === 'DefaultTime2Wait' ? Math.max(own, Number(offer)) : Math.min(own, Number(offer)))
}

function chapDigest(id: number, secret: string, challenge: Buffer): Buffer {
  return createHash('md5')
    .update(Buffer.from([id]))
    .update(secret)
    .update(challenge)
    .digest()
}
