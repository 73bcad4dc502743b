import { describe, expect, it } from 'vitest'
import { type Agreement, Negotiation } from '../src/negotiation.ts'

function agreed(...keys: readonly (readonly [string, string])[]): Agreement {
  const negotiation = new Negotiation('prefer', 'prefer', false)
  for (const [key, value] of keys) negotiation.receive(key, value)
  return negotiation.agreement()
}

describe('Negotiation', () => {
  it('goes by the defaults of the RFC for what the target passes over', () => {
    expect(agreed()).toEqual({
      headerDigest: false,
      dataDigest: false,
      maxSend: 8_192,
      maxBurst: 262_144,
      firstBurst: 65_536,
      initialR2T: true,
      immediateData: true,
      timeToWait: 2,
    })
  })

  it.each([
    ['MaxBurstLength', '65536', { maxBurst: 65_536, firstBurst: 65_536 }],
    ['MaxBurstLength', '0x4000', { maxBurst: 16_384, firstBurst: 16_384 }],
    ['MaxBurstLength', '16777215', { maxBurst: 1_048_576 }],
    ['FirstBurstLength', '512', { firstBurst: 512 }],
    ['InitialR2T', 'No', { initialR2T: false }],
    ['InitialR2T', 'Yes', { initialR2T: true }],
    ['ImmediateData', 'No', { immediateData: false }],
    ['DefaultTime2Wait', '5', { timeToWait: 5 }],
    ['MaxRecvDataSegmentLength', '1048576', { maxSend: 1_048_576 }],
    ['HeaderDigest', 'CRC32C', { headerDigest: true }],
    ['DataDigest', 'None', { dataDigest: false }],
    ['MaxOutstandingR2T', 'Irrelevant', {}],
  ])('makes of the answer %s=%s what the rules say', (key, value, expected) => {
    expect(agreed([key, value])).toMatchObject(expected)
  })

  it('answers what the target offers once more, and what it does not know', () => {
    const negotiation = new Negotiation('never', 'never', false)
    negotiation.receive('MaxBurstLength', '65536')

    expect(negotiation.receive('MaxBurstLength', '32768')).toEqual(['MaxBurstLength', '32768'])
    expect(negotiation.receive('TargetAlias', 'disk')).toBeNull()
    expect(negotiation.receive('X-vendor', '1')).toEqual(['X-vendor', 'NotUnderstood'])
    expect(negotiation.receive('IFMarker', 'Yes')).toEqual(['IFMarker', 'Reject'])
  })

  it.each([
    ['MaxBurstLength', '511'],
    ['MaxBurstLength', '16777216'],
    ['MaxBurstLength', 'many'],
    ['InitialR2T', 'Maybe'],
    ['HeaderDigest', 'MD5'],
  ])('refuses the answer %s=%s', (key, value) => {
    expect(() => agreed([key, value])).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })

  it('refuses a target that does not do the digest that is required', () => {
    const negotiation = new Negotiation('require', 'never', false)
    negotiation.receive('HeaderDigest', 'None')
    expect(() => negotiation.agreement()).toThrow(expect.objectContaining({ code: 'REFUSED' }))
  })

  it('offers nothing about data in a discovery session', () => {
    const keys = new Negotiation('never', 'never', true).offers().map(([key]) => key)
    expect(keys).toEqual(['HeaderDigest', 'DataDigest', 'MaxRecvDataSegmentLength'])
  })
})
