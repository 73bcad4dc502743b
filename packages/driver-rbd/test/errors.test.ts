import { StoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { codeOf, type Doing, storeErrorOf } from '../src/errors.ts'
import { RbdError } from '../src/index.ts'

const table: readonly (readonly [errno: string, open: string, read: string, write: string, remove: string])[] = [
  ['ENOSPC', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL'],
  ['EDQUOT', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL'],
  ['EROFS', 'BAD_CONFIGURATION', 'FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN'],
  ['EPERM', 'BAD_CONFIGURATION', 'FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN'],
  ['EACCES', 'BAD_CONFIGURATION', 'FORBIDDEN', 'WRITE_DENIED', 'FORBIDDEN'],
  ['ENOENT', 'BAD_CONFIGURATION', 'NOT_FOUND', 'UNAVAILABLE', 'NOT_FOUND'],
  ['EEXIST', 'UNKNOWN', 'UNKNOWN', 'ALREADY_EXISTS', 'UNKNOWN'],
  ['EBUSY', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'IN_USE'],
  ['ENOTEMPTY', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'IN_USE'],
  ['EINVAL', 'BAD_CONFIGURATION', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  ['ETIMEDOUT', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['EIO', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['ESHUTDOWN', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['errno 999', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
]

describe('what Ceph refuses', () => {
  it.each(table)('%s', (errno, ...codes) => {
    const doing: readonly Doing[] = ['open', 'read', 'write', 'delete']
    expect(doing.map((each) => codeOf(errno, each))).toEqual(codes)
  })

  it('keeps the native error as the cause', () => {
    const native = new RbdError('rbd_open', 'ENOENT')
    const error = storeErrorOf(native, 'read', 'the image')

    expect([error.code, error.message, error.cause]).toEqual(['NOT_FOUND', 'cannot read the image (ENOENT)', native])
  })

  it('leaves a StoreError as it is', () => {
    const error = new StoreError('TIMEOUT', 'late')

    expect(storeErrorOf(error, 'read', 'the image')).toBe(error)
  })

  it('does not classify what is not of Ceph', () => {
    expect(storeErrorOf(new TypeError('a bug'), 'write', 'the image').code).toBe('UNKNOWN')
  })
})
