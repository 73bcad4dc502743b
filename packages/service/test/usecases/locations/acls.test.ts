import { describe, expect, it } from 'vitest'
import {
  addMember,
  parseJsonPatch,
  removeMember,
  updateImage,
  uploadImageData,
  type Visibility,
} from '../../../src/index.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, anImage, aWorld, pieces, putActive } from '../../support/world.ts'

const imageId = anId(1000)
const requester = { project: 'ours', token: 'token-of-the-caller' }

async function aPlace() {
  const tenants = await scriptedStore('tenants', { setAcls: true })
  const plain = await scriptedStore('plain')
  const world = await aWorld({ multiStore: true, showMultipleLocations: true }, [tenants, plain])
  const acls = () => tenants.backend.acls.get(`scripted://tenants/${imageId}`)
  return { world, tenants, plain, acls }
}

describe('access lists of stores that have them', () => {
  it('follow the members of an image', async () => {
    const { world, tenants, plain, acls } = await aPlace()
    putActive(world, 'abc', {}, [tenants, plain])

    await addMember(aCaller(), world, { imageId, body: { member: 'theirs' } })
    expect(acls()).toEqual({ public: false, read: ['theirs'], write: [] })
    expect(tenants.backend.requesters).toEqual([requester])

    await addMember(aCaller(), world, { imageId, body: { member: 'others' } })
    await removeMember(aCaller(), world, { imageId, memberId: 'theirs' })
    expect(acls()?.read).toEqual(['others'])
    expect(plain.backend.calls).toEqual([])
  })

  it.each<[Visibility, boolean, readonly string[]]>([
    ['public', true, []],
    ['community', true, []],
    ['shared', false, ['theirs']],
    ['private', false, []],
  ])('follow the visibility %s', async (visibility, open, read) => {
    const { world, tenants, acls } = await aPlace()
    putActive(world, 'abc', { visibility: visibility === 'private' ? 'shared' : 'private' }, [tenants])
    world.images.share(imageId, 'theirs', 'pending')

    const operations = parseJsonPatch([{ op: 'replace', path: '/visibility', value: visibility }], '2.1')
    await updateImage(admin, world, { imageId, operations })

    expect(acls()).toEqual({ public: open, read, write: [] })
  })

  it('are set for what is uploaded and for what a location adds', async () => {
    const { world, tenants, acls } = await aPlace()
    world.images.put(anImage())
    world.images.share(imageId, 'theirs', 'accepted')
    await uploadImageData(aCaller(), world, { imageId, data: pieces('abc'), size: 3, storeId: 'tenants' })
    expect(acls()?.read).toEqual(['theirs'])

    const other = 'scripted://tenants/copy'
    tenants.backend.objects.set(other, new Uint8Array(3))
    const operations = parseJsonPatch([{ op: 'add', path: '/locations/-', value: { url: other, metadata: {} } }], '2.1')
    await updateImage(aCaller(), world, { imageId, operations })
    expect(tenants.backend.acls.get(other)?.read).toEqual(['theirs'])
  })

  it('do not undo the change when the store fails, and are set whole by the next one', async () => {
    const { world, tenants, acls } = await aPlace()
    putActive(world, 'abc', {}, [tenants])
    tenants.backend.fail('setAcls', 'UNAVAILABLE')
    await addMember(aCaller(), world, { imageId, body: { member: 'theirs' } })
    expect(acls()).toBeUndefined()

    tenants.backend.fail('setAcls', null)
    await addMember(aCaller(), world, { imageId, body: { member: 'others' } })
    expect(acls()?.read).toEqual(['theirs', 'others'])
  })
})
