import { StoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { failureOfStatus, failureOfTrouble, storeErrorFrom } from '../src/errors.ts'
import { never } from './support/open-driver.ts'

describe('failureOfStatus', () => {
  it.each([
    [204, 'INVALID_LOCATION'],
    [300, 'INVALID_LOCATION'],
    [304, 'INVALID_LOCATION'],
    [400, 'INVALID_LOCATION'],
    [401, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [405, 'INVALID_LOCATION'],
    [407, 'UNAVAILABLE'],
    [408, 'TIMEOUT'],
    [410, 'NOT_FOUND'],
    [418, 'INVALID_LOCATION'],
    [429, 'UNAVAILABLE'],
    [500, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [599, 'UNAVAILABLE'],
  ])('makes %i a %s', (status, code) => {
    expect(failureOfStatus(status).code).toBe(code)
  })
})

describe('failureOfTrouble', () => {
  it.each([
    ['UND_ERR_CONNECT_TIMEOUT', 'TIMEOUT'],
    ['UND_ERR_HEADERS_TIMEOUT', 'TIMEOUT'],
    ['UND_ERR_BODY_TIMEOUT', 'TIMEOUT'],
    ['ETIMEDOUT', 'TIMEOUT'],
    ['ECONNREFUSED', 'UNAVAILABLE'],
    ['ECONNRESET', 'UNAVAILABLE'],
    ['EHOSTUNREACH', 'UNAVAILABLE'],
    ['ENETUNREACH', 'UNAVAILABLE'],
    ['ENOTFOUND', 'UNAVAILABLE'],
    ['EAI_AGAIN', 'UNAVAILABLE'],
    ['EPIPE', 'UNAVAILABLE'],
    ['UND_ERR_SOCKET', 'UNAVAILABLE'],
    ['UND_ERR_HEADERS_OVERFLOW', 'UNAVAILABLE'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UNAVAILABLE'],
    ['UND_ERR_PRX_CONN', 'UNAVAILABLE'],
    ['UND_ERR_ABORTED', 'UNAVAILABLE'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNAVAILABLE'],
    ['CERT_HAS_EXPIRED', 'UNAVAILABLE'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'UNAVAILABLE'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'UNAVAILABLE'],
    ['EPROTO', 'UNAVAILABLE'],
    ['ERR_INVALID_ARG_TYPE', 'UNKNOWN'],
    ['', 'UNKNOWN'],
  ])('makes %s a %s', (code, expected) => {
    expect(failureOfTrouble(Object.assign(new Error('native'), { code })).code).toBe(expected)
  })

  it.each([undefined, null, 'text', { code: 7 }])('makes %j UNKNOWN', (thrown) => {
    expect(failureOfTrouble(thrown).code).toBe('UNKNOWN')
  })
})

describe('storeErrorFrom', () => {
  it('keeps the native error as the cause and out of the message', () => {
    const native = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:80'), { code: 'ECONNREFUSED' })

    const error = storeErrorFrom(native, 'get of http://host', never)

    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: 'get of http://host: the origin is unreachable' })
    expect(error.cause).toBe(native)
  })

  it('keeps what the origin sent out of the cause', () => {
    const native = Object.assign(new Error('bad chunk'), { name: 'HTTPParserError', data: 'bytes of an image' })

    const error = storeErrorFrom(native, 'get', never)

    expect(error).toMatchObject({ code: 'UNAVAILABLE', cause: { message: 'bad chunk' } })
    expect(error.cause).not.toHaveProperty('data')
  })

  it('keeps a StoreError as it is', () => {
    const refusal = new StoreError('INVALID_LOCATION', 'no')

    expect(storeErrorFrom(refusal, 'get', never)).toBe(refusal)
  })

  it('lets an abort win over what it made fail', () => {
    const reason = new Error('nobody waits')

    const error = storeErrorFrom(new Error('reset'), 'get', AbortSignal.abort(reason))

    expect(error).toMatchObject({ code: 'ABORTED', cause: reason })
  })
})
