/**
 * The operational keys of a login (RFC 7143, 13): what we offer, what counts when nobody says anything, and how the result
 * comes from the offers of both sides.
 */
import { IscsiError } from './errors.ts'
import type { DigestPolicy } from './options.ts'
import type { TextKey } from './text-keys.ts'

/** Most data that we take in one PDU, in bytes. */
export const maxReceiveBytes = 256 * 1024

interface NumberRule {
  readonly kind: 'min' | 'max'
  readonly offer: number
  readonly byDefault: number
  readonly range: readonly [number, number]
}
interface BooleanRule {
  readonly kind: 'and' | 'or'
  readonly offer: boolean
  readonly byDefault: boolean
}

const lengths = [512, 2 ** 24 - 1] as const

/** Keys whose result depends on both sides. */
const rules = {
  MaxConnections: { kind: 'min', offer: 1, byDefault: 1, range: [1, 65_535] },
  InitialR2T: { kind: 'or', offer: false, byDefault: true },
  ImmediateData: { kind: 'and', offer: true, byDefault: true },
  MaxBurstLength: { kind: 'min', offer: 1024 * 1024, byDefault: 262_144, range: lengths },
  FirstBurstLength: { kind: 'min', offer: 256 * 1024, byDefault: 65_536, range: lengths },
  DefaultTime2Wait: { kind: 'max', offer: 0, byDefault: 2, range: [0, 3_600] },
  DefaultTime2Retain: { kind: 'min', offer: 0, byDefault: 20, range: [0, 3_600] },
  MaxOutstandingR2T: { kind: 'min', offer: 8, byDefault: 1, range: [1, 65_535] },
  DataPDUInOrder: { kind: 'or', offer: true, byDefault: true },
  DataSequenceInOrder: { kind: 'or', offer: true, byDefault: true },
  ErrorRecoveryLevel: { kind: 'min', offer: 0, byDefault: 0, range: [0, 2] },
} as const satisfies Readonly<Record<string, NumberRule | BooleanRule>>

type RuleName = keyof typeof rules
type Values = { -readonly [K in RuleName]: (typeof rules)[K] extends { readonly offer: number } ? number : boolean }

/** Keys that a side only tells; they have no answer. */
const declarations: ReadonlySet<string> = new Set(['TargetAlias', 'TargetAddress', 'TargetPortalGroupTag'])

/** What both sides agreed on. Lengths are in bytes. */
export interface Agreement {
  readonly headerDigest: boolean
  readonly dataDigest: boolean
  /** Most data that the target takes in one PDU. */
  readonly maxSend: number
  readonly maxBurst: number
  /** Most data of a command that are sent before the target asks for them. */
  readonly firstBurst: number
  /** Whether the target asks for all data but those that go along with the command. */
  readonly initialR2T: boolean
  readonly immediateData: boolean
  /** Seconds before a lost connection is tried again. */
  readonly timeToWait: number
}

/** Our side of the operational stage of one login. */
export class Negotiation {
  readonly #digests: { readonly HeaderDigest: DigestPolicy; readonly DataDigest: DigestPolicy }
  readonly #discovery: boolean
  readonly #values = Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, rule.byDefault])) as Values
  readonly #agreedDigests = { HeaderDigest: false, DataDigest: false }
  readonly #answered = new Set<string>()
  #maxSend = 8_192

  /** @param discovery - whether the session is one, in which keys of data transfer mean nothing */
  constructor(headerDigest: DigestPolicy, dataDigest: DigestPolicy, discovery: boolean) {
    this.#digests = { HeaderDigest: headerDigest, DataDigest: dataDigest }
    this.#discovery = discovery
  }

  /** What we offer. */
  offers(): readonly TextKey[] {
    const digests = Object.entries(this.#digests).map(([key, policy]) => [key, digestOffer(policy)] as const)
    const ours = Object.entries(rules).map(([key, rule]) => [key, formatValue(rule.offer)] as const)
    const told = ['MaxRecvDataSegmentLength', String(maxReceiveBytes)] as const
    return this.#discovery ? [...digests, told] : [...digests, told, ...ours]
  }

  /**
   * Takes a key of the target: its answer to our offer, something it tells, or an offer of its own.
   *
   * @returns our answer when it needs one · @throws IscsiError PROTOCOL | REFUSED
   */
  receive(key: string, value: string): TextKey | null {
    if (declarations.has(key)) return null
    if (key === 'MaxRecvDataSegmentLength') {
      this.#maxSend = parseNumber(key, value, lengths)
      return null
    }
    if (key === 'HeaderDigest' || key === 'DataDigest') return this.#digest(key, value)
    if (isRule(key)) return this.#value(key, value)
    return [key, /^(?:IF|OF)Mark/.test(key) ? 'Reject' : 'NotUnderstood']
  }

  /** The result. @throws IscsiError REFUSED when the target did not take what we require */
  agreement(): Agreement {
    for (const [key, policy] of Object.entries(this.#digests))
      if (policy === 'require' && !this.#agreedDigests[key as 'HeaderDigest'])
        throw new IscsiError('REFUSED', `the target does not do ${key}=CRC32C, which is required`)
    const values = this.#values
    return {
      headerDigest: this.#agreedDigests.HeaderDigest,
      dataDigest: this.#agreedDigests.DataDigest,
      maxSend: this.#maxSend,
      maxBurst: values.MaxBurstLength,
      firstBurst: Math.min(values.FirstBurstLength, values.MaxBurstLength),
      initialR2T: values.InitialR2T,
      immediateData: values.ImmediateData,
      timeToWait: values.DefaultTime2Wait,
    }
  }

  #digest(key: 'HeaderDigest' | 'DataDigest', value: string): TextKey | null {
    const policy = this.#digests[key]
    const offered = value.split(',')
    const choice = digestOffer(policy)
      .split(',')
      .find((name) => offered.includes(name))
    const first = !this.#answered.has(key)
    this.#answered.add(key)
    // We have offered ours with the first request, so what comes is the answer, and a single value.
    if (choice === undefined) {
      if (['Reject', 'NotUnderstood', 'Irrelevant', 'None'].includes(value)) return null
      throw new IscsiError('PROTOCOL', `the target answered ${key}=${value}, which was not offered`)
    }
    this.#agreedDigests[key] = choice === 'CRC32C'
    return first ? null : [key, choice]
  }

  #value(key: RuleName, value: string): TextKey | null {
    const asked = !this.#discovery && !this.#answered.has(key)
    this.#answered.add(key)
    if (['Irrelevant', 'Reject', 'NotUnderstood'].includes(value)) return null
    const rule: NumberRule | BooleanRule = rules[key]
    const theirs = 'range' in rule ? parseNumber(key, value, rule.range) : parseBoolean(key, value)
    const result = combine(rule, rule.offer, theirs)
    Object.assign(this.#values, { [key]: result })
    return asked ? null : [key, formatValue(result)]
  }
}

function isRule(key: string): key is RuleName {
  return Object.hasOwn(rules, key)
}

function digestOffer(policy: DigestPolicy): string {
  return { never: 'None', prefer: 'CRC32C,None', require: 'CRC32C' }[policy]
}

function formatValue(value: number | boolean): string {
  return typeof value === 'number' ? String(value) : value ? 'Yes' : 'No'
}

function combine(rule: NumberRule | BooleanRule, ours: number | boolean, theirs: number | boolean): number | boolean {
  switch (rule.kind) {
    case 'min':
      return Math.min(Number(ours), Number(theirs))
    case 'max':
      return Math.max(Number(ours), Number(theirs))
    case 'and':
      return ours === true && theirs === true
    case 'or':
      return ours === true || theirs === true
  }
}

function parseBoolean(key: string, value: string): boolean {
  if (value === 'Yes' || value === 'No') return value === 'Yes'
  throw new IscsiError('PROTOCOL', `the target sent ${key} as something that is neither Yes nor No`)
}

function parseNumber(key: string, value: string, [min, max]: readonly [number, number]): number {
  const number = /^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(value) ? Number(value) : Number.NaN
  if (number >= min && number <= max) return number
  throw new IscsiError('PROTOCOL', `the target sent ${key} as something that is no number from ${min} to ${max}`)
}
