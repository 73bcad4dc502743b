import { describe, expect, it } from 'vitest'
import { abortError, isStoreError, StoreError, type StoreErrorCode, storeErrorCodes, wrapError } from '../src/index.ts'

/** A second copy of the module, as a second installed version of the package is one. */
const copy: typeof import('../src/errors.ts') = await import(new URL('../src/errors.ts?second', import.meta.url).href)

describe('StoreError', () => {
  it('keeps code, message, cause and context', () => {
    const cause = new Error('ENOENT')
    const error = new StoreError('NOT_FOUND', 'no file', { cause, context: { store: 'fast' } })

    expect(error).toMatchObject({
      name: 'StoreError',
      code: 'NOT_FOUND',
      message: 'no file',
      context: { store: 'fast' },
    })
    expect(error.cause).toBe(cause)
    expect(error).toBeInstanceOf(Error)
    expect('cause' in new StoreError('NOT_FOUND', 'no file')).toBe(false)
  })

  it.each(Object.entries(storeErrorCodes))('%s is retryable as the table says', (code, { retryable }) => {
    expect(new StoreError(code as StoreErrorCode, '').retryable).toBe(retryable)
  })

  it('takes a code that this copy does not know yet for not retryable', () => {
    expect(new StoreError('FROM_THE_FUTURE' as StoreErrorCode, '').retryable).toBe(false)
    expect(new StoreError('constructor' as StoreErrorCode, '').retryable).not.toBe(true)
  })
})

describe('isStoreError', () => {
  it('knows the errors of another copy of the package, and the other way round', () => {
    expect(copy.StoreError).not.toBe(StoreError)
    expect(isStoreError(new copy.StoreError('IN_USE', ''))).toBe(true)
    expect(copy.isStoreError(new StoreError('IN_USE', ''))).toBe(true)
  })

  it.each([null, undefined, 'NOT_FOUND', new Error('x'), { code: 'NOT_FOUND', name: 'StoreError' }, () => {}])(
    'says no to %s',
    (value) => {
      expect(isStoreError(value)).toBe(false)
    },
  )
})

describe('abortError', () => {
  it('is ABORTED with the reason as its cause', () => {
    expect(abortError(AbortSignal.abort('enough'), 'the upload')).toMatchObject({
      code: 'ABORTED',
      message: 'the upload was aborted',
      cause: 'enough',
    })
  })

  it('is TIMEOUT when a time limit fired the signal', () => {
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'))

    expect(abortError(signal, 'the upload')).toMatchObject({ code: 'TIMEOUT', message: 'the upload took too long' })
  })

  it('is the reason itself when that is a StoreError', () => {
    const reason = new copy.StoreError('TOO_LARGE', 'over the limit')

    expect(abortError(AbortSignal.abort(reason), 'the upload')).toBe(reason)
  })
})

describe('wrapError', () => {
  const context = { store: 'fast', operation: 'add', imageId: 'image' }

  it.each([new Error('native'), 'text', undefined, null])('makes UNKNOWN of %s and keeps it as the cause', (thrown) => {
    const error = wrapError(thrown, context)

    expect(error).toMatchObject({ code: 'UNKNOWN', message: 'add failed in the backend', context })
    expect(error.cause).toBe(thrown)
  })

  it('takes an abort for the reason of a native error', () => {
    expect(wrapError(new Error('socket'), context, AbortSignal.abort('enough'))).toMatchObject({
      code: 'ABORTED',
      cause: 'enough',
      context,
    })
    expect(wrapError(new Error('socket'), context, new AbortController().signal)).toMatchObject({ code: 'UNKNOWN' })
  })

  it('keeps code and message of a StoreError, also of another copy, and adds its context', () => {
    const cause = new Error('ENOSPC')
    const thrown = new copy.StoreError('STORE_FULL', 'no space', { cause })

    expect(wrapError(thrown, context, AbortSignal.abort())).toMatchObject({
      code: 'STORE_FULL',
      message: 'no space',
      cause,
      context,
    })
  })

  it('keeps the thrown error as the cause when it has none of its own', () => {
    const thrown = new StoreError('STORE_FULL', 'no space')

    expect(wrapError(thrown, context).cause).toBe(thrown)
  })

  // A context with a store was taken for a complete one.
  it('adds the members that a context lacks, and changes none', () => {
    const thrown = new StoreError('STORE_FULL', 'no space', { context: { store: 'inner', operation: 'open' } })

    expect(wrapError(thrown, context).context).toEqual({ store: 'inner', operation: 'open', imageId: 'image' })
    expect(wrapError(new StoreError('STORE_FULL', ''), { operation: 'add' }).context).toEqual({ operation: 'add' })
  })

  it('leaves an error with a complete context as it is', () => {
    const thrown = new StoreError('STORE_FULL', 'no space', { context })

    expect(wrapError(thrown, context)).toBe(thrown)
    expect(wrapError(thrown, { store: 'outer' })).toBe(thrown)
  })
})
