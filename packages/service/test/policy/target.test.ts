import { describe, expect, it } from 'vitest'
import { imageTarget } from '../../src/policy/target.ts'
import { anImage } from '../support/world.ts'

describe('imageTarget', () => {
  it('shows additional properties but never lets them stand for members of the image', () => {
    const properties = new Map([
      ['project_id', 'mine'],
      ['owner', 'mine'],
      ['member_id', 'mine'],
      ['visibility', 'public'],
      ['__proto__', 'x'],
      ['os_type', 'linux'],
    ])

    const target = imageTarget({ image: anImage({ properties }), memberStatus: null }, 'mine')

    expect(target).toMatchObject({ project_id: 'ours', owner: 'ours', visibility: 'shared', os_type: 'linux' })
    expect(target.member_id).toBeNull()
  })

  it('names the caller as member only while the image is shared', () => {
    const of = (visibility: 'shared' | 'private') =>
      imageTarget({ image: anImage({ visibility }), memberStatus: 'pending' }, 'theirs').member_id

    expect(of('shared')).toBe('theirs')
    expect(of('private')).toBeNull()
  })
})
