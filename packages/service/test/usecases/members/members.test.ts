import { describe, expect, it } from 'vitest'
import {
  addMember,
  listMembers,
  memberSchema,
  membersSchema,
  type RequestContext,
  removeMember,
  showMember,
  updateMember,
} from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { aCaller, admin, anId, anImage, aWorld, stranger, type World } from '../../support/world.ts'

const imageId = anId(1000)
const [m, n] = ['project-m', 'project-n']
const owner = aCaller()
const member = aCaller({ project: m })

/** A world with an image that is shared with these projects. */
async function shared(projects: readonly string[] = [], visibility: 'shared' | 'public' | 'private' = 'shared') {
  const world = await aWorld()
  world.images.put(anImage({ visibility }))
  for (const project of projects) world.images.share(imageId, project, 'pending')
  return world
}
const add = (context: RequestContext, world: World, project: unknown) =>
  addMember(context, world, { imageId, body: { member: project } })
const answer = (context: RequestContext, world: World, memberId: string, status: unknown) =>
  updateMember(context, world, { imageId, memberId, body: { status } })
const idsOf = (world: World) => [...world.images.membersOf(imageId).keys()]

describe('addMember', () => {
  it('adds a project that has yet to answer', async () => {
    const world = await shared()

    const added = await add(owner, world, m)

    expect(added).toMatchObject({ imageId, memberId: m, status: 'pending' })
    expect(await showMember(member, world, { imageId, memberId: m })).toEqual(added)
  })

  it('takes a project once, and tells a quota only to those who add another', async () => {
    const world = await shared([m, n])

    expect(await codeOf(() => add(owner, world, m))).toBe('CONFLICT')
    expect(await refusalOf(() => add(owner, world, 'third'))).toEqual({
      code: 'OVER_LIMIT',
      message: 'The limit has been exceeded on the number of allowed image members. Attempted: 3, Maximum: 2',
    })
    expect(idsOf(world)).toEqual([m, n])
  })

  it('knows no limit below zero', async () => {
    const world = { ...(await shared([m, n])), settings: { ...(await aWorld()).settings, imageMemberQuota: -1 } }

    expect(await add(owner, world, 'third')).toMatchObject({ memberId: 'third' })
  })

  it.each([
    [{}, 'Member to be added not specified'],
    [{ member: '' }, "Member can't be empty"],
    [{ member: null }, "Member can't be empty"],
    [{ member: 7 }, /not of type 'string' \(in "member"\)/],
    [{ member: 'x'.repeat(256) }, /too long/],
    [{ member: 'a\0' }, /not supported: a member/],
    [['x'], /Expected a member/],
    [JSON.parse('{"__proto__": {"member": "x"}}'), 'Member to be added not specified'],
  ])('refuses the body %j before it looks the image up', async (body, message) => {
    const refusal = await refusalOf(async () => addMember(owner, await shared(), { imageId: anId(404), body }))

    expect(refusal).toEqual({
      code: 'INVALID',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  it('looks again when it writes: an image that is no longer shared gets no member', async () => {
    const world = await shared()
    world.members.before = () => world.images.put(anImage({ visibility: 'private' }))

    expect(await codeOf(() => add(owner, world, m))).toBe('FORBIDDEN')
    expect(idsOf(world)).toEqual([])
  })

  it('looks again when it writes: an image that changed hands is not the former owner’s to share', async () => {
    const world = await shared()
    world.members.before = () => world.images.put(anImage({ owner: 'theirs' }))

    expect(await codeOf(() => add(owner, world, m))).toBe('NOT_FOUND')
  })
})

describe('updateMember', () => {
  it.each(['accepted', 'rejected', 'pending'])('notes that a project answered %s', async (status) => {
    const world = await shared([m])

    expect(await answer(member, world, m, status)).toMatchObject({ memberId: m, status })
  })

  it.each(['maybe', 'Accepted', '', null, 1])('refuses the answer %j', async (status) => {
    expect(await codeOf(async () => answer(member, await shared([m]), m, status))).toBe('INVALID')
  })

  it('lets nobody answer for others but administrators, not even an owner who shares with itself', async () => {
    const world = await shared([m, 'ours'])

    expect(await codeOf(() => answer(owner, world, m, 'accepted'))).toBe('FORBIDDEN')
    expect(await answer(owner, world, 'ours', 'accepted')).toMatchObject({ status: 'accepted' })
    expect(await answer(admin, world, m, 'accepted')).toMatchObject({ status: 'accepted' })
  })
})

describe('who may know', () => {
  it('of all members: owners and administrators; of itself: a member', async () => {
    const world = await shared([m, n])
    const list = async (who: RequestContext) =>
      (await listMembers(who, world, { imageId })).map(({ memberId }) => memberId)

    expect(await list(owner)).toEqual([m, n])
    expect(await list(admin)).toEqual([m, n])
    expect(await list(member)).toEqual([m])
    expect(await codeOf(() => list(stranger))).toBe('NOT_FOUND')
  })

  it('hides other members from a member whatever it asks for', async () => {
    const world = await shared([m, n])
    const input = { imageId, memberId: n }

    expect(await codeOf(() => showMember(member, world, input))).toBe('NOT_FOUND')
    expect(await codeOf(() => answer(member, world, n, 'accepted'))).toBe('NOT_FOUND')
    expect(await codeOf(() => removeMember(member, world, input))).toBe('NOT_FOUND')
  })

  it.each(['public', 'private'] as const)(
    'says that a %s image has no members, and hides that for a single one',
    async (visibility) => {
      const world = await shared([m], visibility)

      expect(await refusalOf(() => listMembers(owner, world, { imageId }))).toEqual({
        code: 'FORBIDDEN',
        message: 'Only shared images have members.',
      })
      expect(await codeOf(() => add(owner, world, n))).toBe('FORBIDDEN')
      expect(await codeOf(() => answer(admin, world, m, 'accepted'))).toBe('FORBIDDEN')
      expect(await codeOf(() => removeMember(owner, world, { imageId, memberId: m }))).toBe('FORBIDDEN')
      expect(await codeOf(() => showMember(owner, world, { imageId, memberId: m }))).toBe('NOT_FOUND')
    },
  )
})

describe('removeMember', () => {
  it('is for owners and administrators; a member rejects instead', async () => {
    const world = await shared([m, n])

    expect(await codeOf(() => removeMember(member, world, { imageId, memberId: m }))).toBe('FORBIDDEN')
    await removeMember(owner, world, { imageId, memberId: m })
    await removeMember(admin, world, { imageId, memberId: n })

    expect(idsOf(world)).toEqual([])
    expect(await codeOf(() => removeMember(owner, world, { imageId, memberId: m }))).toBe('NOT_FOUND')
  })

  it('is refused to callers that may only look, as every change is', async () => {
    const world = await shared([m])
    const looking = aCaller({ readOnly: true })

    expect(await codeOf(() => removeMember(looking, world, { imageId, memberId: m }))).toBe('FORBIDDEN')
    expect(await codeOf(() => add(looking, world, n))).toBe('FORBIDDEN')
    expect(await codeOf(() => answer({ ...member, readOnly: true }, world, m, 'accepted'))).toBe('FORBIDDEN')
  })
})

describe('the schemas', () => {
  it('of members have every member of answers in their order', () => {
    expect(Object.keys(memberSchema.properties).join(' ')).toBe(
      'member_id image_id status created_at updated_at schema',
    )
    expect(memberSchema.properties['status']).toMatchObject({ enum: ['pending', 'accepted', 'rejected'] })
    expect(membersSchema.properties['members']).toEqual({ type: 'array', items: memberSchema })
    expect(membersSchema.links).toEqual([{ rel: 'describedby', href: '{schema}' }])
  })
})
