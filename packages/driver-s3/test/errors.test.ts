import { StoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { codeOf, storeErrorOf } from '../src/errors.ts'

/** An error as the SDK throws it for an answer. */
const answered = (name: string, status: number): Error =>
  Object.assign(new Error(`says ${name}`), { name, $metadata: { httpStatusCode: status, requestId: 'tx1' } })

describe('codeOf', () => {
  it.each([
    [answered('NoSuchKey', 404), ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']],
    [answered('NotFound', 404), ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']],
    [answered('NoSuchBucket', 404), ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']],
    [answered('AccessDenied', 403), ['FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN']],
    [answered('Unknown', 403), ['FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN']],
    [answered('QuotaExceeded', 403), ['STORE_FULL', 'STORE_FULL', 'STORE_FULL']],
    [answered('PreconditionFailed', 412), ['NOT_FOUND', 'ALREADY_EXISTS', 'NOT_FOUND']],
    [answered('SlowDown', 503), ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']],
    [answered('SomethingNew', 502), ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']],
    [answered('SomethingNew', 400), ['UNKNOWN', 'UNKNOWN', 'UNKNOWN']],
    [answered('NotImplemented', 501), ['UNKNOWN', 'UNKNOWN', 'UNKNOWN']],
    [answered('PermanentRedirect', 301), ['BAD_CONFIGURATION', 'BAD_CONFIGURATION', 'BAD_CONFIGURATION']],
    [answered('constructor', 503), ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']],
    // The SDK calls a connection that broke a TimeoutError.
    [
      Object.assign(new Error(), { name: 'TimeoutError', code: 'ECONNRESET' }),
      ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    ],
    [Object.assign(new Error(), { name: 'TimeoutError' }), ['TIMEOUT', 'TIMEOUT', 'TIMEOUT']],
    [Object.assign(new Error(), { name: 'TimeoutError', code: 'ETIMEDOUT' }), ['TIMEOUT', 'TIMEOUT', 'TIMEOUT']],
    [Object.assign(new Error(), { code: 'CERT_HAS_EXPIRED' }), ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']],
    [new TypeError('a bug'), ['UNKNOWN', 'UNKNOWN', 'UNKNOWN']],
  ])('gives %s a code for reading, writing and deleting', (error, codes) => {
    expect((['read', 'write', 'delete'] as const).map((doing) => codeOf(error, doing))).toEqual(codes)
  })
})

describe('storeErrorOf', () => {
  it('says what was tried and what the service called it, and keeps the error without its request', () => {
    const native = Object.assign(answered('AccessDenied', 403), { $response: { headers: { authorization: 'KEY' } } })

    const error = storeErrorOf(native, 'write', 'the image')

    expect(error).toMatchObject({ code: 'WRITE_DENIED', message: 'cannot write the image (AccessDenied)' })
    expect(error.cause).toMatchObject({ message: 'says AccessDenied (status 403)', requestId: 'tx1' })
    expect(error.cause).not.toHaveProperty('$response')
  })

  it('leaves a StoreError as it is', () => {
    const error = new StoreError('TIMEOUT', 'too long')

    expect(storeErrorOf(error, 'read', 'the image')).toBe(error)
  })
})
