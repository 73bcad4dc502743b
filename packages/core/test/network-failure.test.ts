import { describe, expect, it } from 'vitest'
import { networkError, networkFailure, StoreError } from '../src/index.ts'

const quiet = new AbortController().signal

describe('networkFailure', () => {
  it.each([
    ['ECONNREFUSED', 'UNAVAILABLE', 'the backend is unreachable'],
    ['UND_ERR_HEADERS_TIMEOUT', 'TIMEOUT', 'the backend did not answer in time'],
    ['CERT_HAS_EXPIRED', 'UNAVAILABLE', 'the certificate of the backend was not accepted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'UNAVAILABLE', 'TLS with the backend failed'],
    ['ERR_INVALID_ARG_TYPE', 'UNKNOWN', 'it failed for an unknown reason'],
  ])('makes %s a %s', (code, expected, words) => {
    const native = Object.assign(new Error('connect 10.0.0.5:80'), { code })

    expect(networkFailure(native, 'the backend')).toEqual({ code: expected, words })
  })

  it('takes an answer that is no HTTP for an unavailable backend, and a time-out for what it is', () => {
    expect(networkFailure(Object.assign(new Error('x'), { name: 'HTTPParserError' }), 'it').code).toBe('UNAVAILABLE')
    expect(networkFailure(new DOMException('x', 'TimeoutError'), 'it').code).toBe('TIMEOUT')
  })
})

describe('networkError', () => {
  it('keeps the native error as the cause and out of the message', () => {
    const native = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:80'), { code: 'ECONNREFUSED' })

    const error = networkError(native, 'get of x', 'the origin', quiet)

    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: 'get of x: the origin is unreachable', cause: native })
  })

  it('leaves a StoreError as it is, and lets an abort win', () => {
    const own = new StoreError('NOT_FOUND', 'gone')

    expect(networkError(own, 'get', 'it', quiet)).toBe(own)
    expect(networkError(own, 'get', 'it', AbortSignal.abort())).toMatchObject({ code: 'ABORTED' })
  })
})
