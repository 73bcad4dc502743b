import { constants } from 'node:os'
import { StoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { codeOf, errnoOf, openErrorOf, storeErrorOf } from '../src/errors.ts'

/** An error as node:fs throws it. */
function failure(code: string, errno?: number): Error {
  return Object.assign(new Error(`${code}: open '/srv/secret/place'`), { code, errno })
}

describe('codeOf', () => {
  it.each([
    ['ENOSPC', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL'],
    ['EDQUOT', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL'],
    ['EFBIG', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL'],
    ['EACCES', 'FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN'],
    ['EPERM', 'FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN'],
    ['EROFS', 'FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN'],
    ['ENOENT', 'NOT_FOUND', 'UNAVAILABLE', 'NOT_FOUND'],
    ['ENOTDIR', 'NOT_FOUND', 'UNAVAILABLE', 'NOT_FOUND'],
    ['ENAMETOOLONG', 'NOT_FOUND', 'UNKNOWN', 'NOT_FOUND'],
    ['EISDIR', 'INVALID_LOCATION', 'UNKNOWN', 'INVALID_LOCATION'],
    ['ELOOP', 'INVALID_LOCATION', 'UNKNOWN', 'INVALID_LOCATION'],
    ['ENXIO', 'INVALID_LOCATION', 'UNKNOWN', 'INVALID_LOCATION'],
    ['EBUSY', 'UNAVAILABLE', 'UNAVAILABLE', 'IN_USE'],
    ['EEXIST', 'UNKNOWN', 'ALREADY_EXISTS', 'UNKNOWN'],
    ['EIO', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    ['ESTALE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    ['ENOTCONN', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    ['EHOSTDOWN', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    ['ETIMEDOUT', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    ['EMFILE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    ['EINVAL', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
    ['toString', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  ])('%s is %s to a reader, %s to a writer, %s to a delete', (errno, read, write, remove) => {
    expect([codeOf(errno, 'read'), codeOf(errno, 'write'), codeOf(errno, 'delete')]).toEqual([read, write, remove])
  })
})

describe('errnoOf', () => {
  it.each(['EDQUOT', 'ESTALE'] as const)('knows %s by its number, for which libuv has no name', (name) => {
    const errno = -constants.errno[name]

    expect(errnoOf(failure(`Unknown system error ${errno}`, errno))).toBe(name)
  })

  it('is null for what is no error of the file system', () => {
    expect(errnoOf(new TypeError('a bug'))).toBeNull()
    expect(errnoOf(failure('ERR_INVALID_ARG_TYPE'))).toBeNull()
    expect(errnoOf('ENOENT')).toBeNull()
  })
})

describe('storeErrorOf', () => {
  it('keeps the native error as its cause and its path out of the message', () => {
    const cause = failure('EIO')

    const error = storeErrorOf(cause, 'read', 'the image')

    expect(error.cause).toBe(cause)
    expect(error.message).not.toContain('/srv')
  })

  it('leaves a StoreError as it is', () => {
    const error = new StoreError('TIMEOUT', 'slow')

    expect(storeErrorOf(error, 'read', 'the image')).toBe(error)
  })
})

describe('openErrorOf', () => {
  it.each([
    ['EACCES', 'BAD_CONFIGURATION'],
    ['EROFS', 'BAD_CONFIGURATION'],
    ['ENOTDIR', 'BAD_CONFIGURATION'],
    ['ESTALE', 'UNAVAILABLE'],
    ['EIO', 'UNAVAILABLE'],
  ])('makes %s %s, and names the path for the operator', (errno, code) => {
    const error = openErrorOf(failure(errno), 'the data directory /srv/images')

    expect(error.code).toBe(code)
    expect(error.message).toContain('/srv/images')
  })
})
