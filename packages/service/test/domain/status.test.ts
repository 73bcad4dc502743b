import { describe, expect, it } from 'vitest'
import { statusChange } from '../../src/domain/status.ts'
import { type ImageStatus, imageStatuses, mayBecome } from '../../src/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { anImage } from '../support/world.ts'

describe('mayBecome', () => {
  it.each<[ImageStatus, string]>([
    ['queued', 'saving uploading importing active deleted'],
    ['saving', 'queued active killed deleted'],
    ['uploading', 'queued importing deleted'],
    ['importing', 'queued active deleted'],
    ['active', 'deactivated pending_delete deleted'],
    ['deactivated', 'active deleted'],
    ['killed', 'deleted'],
    ['pending_delete', 'active deleted'],
    ['deleted', ''],
  ])('lets %s become only: %s', (from, to) => {
    const possible = imageStatuses.filter((each) => mayBecome(from, each))

    expect(possible.toSorted()).toEqual(to.split(' ').filter(Boolean).toSorted())
  })
})

describe('statusChange', () => {
  it('refuses a transition that is not allowed with the code it was given', async () => {
    const refusal = await refusalOf(() => statusChange(anImage({ status: 'active' }), 'saving', 'CONFLICT'))

    expect(refusal).toEqual({
      code: 'CONFLICT',
      message: 'Image status transition from active to saving is not allowed',
    })
  })

  it.each([
    [{ diskFormat: null }, 'Property disk_format must be set prior to saving data.'],
    [{ containerFormat: null }, 'Property container_format must be set prior to saving data.'],
    [
      { diskFormat: null, containerFormat: null },
      'Properties disk_format, container_format must be set prior to saving data.',
    ],
  ])('refuses data for an image without %o', async (formats, message) => {
    const refusal = await refusalOf(() => statusChange(anImage(formats), 'saving', 'CONFLICT'))

    expect(refusal).toEqual({ code: 'INVALID', message })
  })

  it('forgets what was known of the data when an image is queued again', () => {
    const image = anImage({ status: 'saving', size: 3, virtualSize: 4, checksum: 'a', hashValue: 'b' })

    expect(statusChange(image, 'queued', 'CONFLICT')).toEqual({
      status: 'queued',
      size: null,
      virtualSize: null,
      checksum: null,
      hashAlgorithm: null,
      hashValue: null,
    })
  })
})
