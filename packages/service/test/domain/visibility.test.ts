import { describe, expect, it } from 'vitest'
import { type FoundImage, type Image, isListed, isVisible, type MemberStatus, type Viewer } from '../../src/index.ts'
import { anImage } from '../support/world.ts'

const owner: Viewer = { project: 'ours', admin: false }
const other: Viewer = { project: 'theirs', admin: false }
const nobody: Viewer = { project: null, admin: false }
const operator: Viewer = { project: 'ops', admin: true }

function found(changed: Partial<Image>, memberStatus: MemberStatus | null = null): FoundImage {
  return { image: anImage({ status: 'active', ...changed }), memberStatus }
}

describe('isVisible', () => {
  it.each<[string, FoundImage, Viewer, boolean]>([
    ['private to its owner', found({ visibility: 'private' }), owner, true],
    ['private to another project', found({ visibility: 'private' }), other, false],
    ['private to an administrator', found({ visibility: 'private' }), operator, true],
    ['public to nobody in particular', found({ visibility: 'public' }), nobody, true],
    ['community to another project', found({ visibility: 'community' }), other, true],
    ['shared to no member', found({ visibility: 'shared' }), other, false],
    ['shared to a member that rejected it', found({ visibility: 'shared' }, 'rejected'), other, true],
    ['private again to its old member', found({ visibility: 'private' }, 'accepted'), other, false],
    ['without owner to anybody, for policy to hide', found({ visibility: 'private', owner: null }), other, true],
    ['waiting for deletion to its owner', found({ status: 'pending_delete' }), owner, false],
    ['waiting for deletion to an administrator', found({ status: 'pending_delete' }), operator, false],
  ])('shows an image that is %s by id: %#', (_, image, viewer, expected) => {
    expect(isVisible(viewer, image)).toBe(expected)
  })
})

describe('isListed', () => {
  const plain = { visibility: null, memberStatus: 'accepted', hidden: false } as const

  it.each<[string, FoundImage, Viewer, object, boolean]>([
    ['own', found({ visibility: 'private' }), owner, {}, true],
    ['own community', found({ visibility: 'community' }), owner, {}, true],
    ['foreign private', found({ visibility: 'private' }), other, {}, false],
    ['public', found({ visibility: 'public' }), other, {}, true],
    ['foreign community', found({ visibility: 'community' }), other, {}, false],
    ['foreign community when asked for', found({ visibility: 'community' }), other, { visibility: 'community' }, true],
    ['foreign community among all', found({ visibility: 'community' }), other, { visibility: 'all' }, true],
    ['foreign community to an administrator', found({ visibility: 'community' }), operator, {}, false],
    ['foreign private to an administrator', found({ visibility: 'private' }), operator, {}, true],
    ['shared and accepted', found({}, 'accepted'), other, {}, true],
    ['shared and pending', found({}, 'pending'), other, {}, false],
    ['shared and pending when asked for', found({}, 'pending'), other, { memberStatus: 'pending' }, true],
    ['shared and rejected among all', found({}, 'rejected'), other, { memberStatus: 'all' }, true],
    ['own shared whatever member_status says', found({}), owner, { memberStatus: 'rejected' }, true],
    ['shared when public is asked for', found({}), owner, { visibility: 'public' }, false],
    ['hidden', found({ hidden: true }), owner, {}, false],
    ['hidden when asked for', found({ hidden: true }), owner, { hidden: true }, true],
    ['not hidden when hidden ones are asked for', found({}), owner, { hidden: true }, false],
    ['killed', found({ status: 'killed' }), owner, {}, false],
    ['without owner to a caller without project', found({ owner: null, visibility: 'private' }), nobody, {}, false],
  ])('lists %s: %#', (_, image, viewer, changed, expected) => {
    expect(isListed({ viewer, ...plain, ...changed }, image)).toBe(expected)
  })
})
