import { describe, expect, it } from 'vitest'
import {
  createImage,
  listImages,
  PropertyProtections,
  type PropertyRule,
  parseJsonPatch,
  type RequestContext,
  shownProperties,
  updateImage,
} from '../../../src/index.ts'
import { refusalOf } from '../../support/refusal.ts'
import { aCaller, admin, anImage, aWorld, type World } from '../../support/world.ts'

type Permission = PropertyRule['permissions']['read']
const everybody: Permission = { kind: 'everybody' }
const nobody: Permission = { kind: 'nobody' }
const roles = (...names: readonly string[]): Permission => ({ kind: 'roles', roles: names })

/** In the order create, read, update, delete. */
function rule(
  pattern: string,
  ...permissions: readonly [Permission, Permission, Permission, Permission]
): PropertyRule {
  const [create, read, update, remove] = permissions
  return { pattern, permissions: { create, read, update, delete: remove } }
}

const rules: readonly PropertyRule[] = [
  rule('^secret_', roles('admin'), roles('admin'), roles('admin'), roles('admin')),
  rule('^kept_', roles('member'), everybody, nobody, nobody),
  rule('^drop_', roles('member'), roles('admin'), roles('member'), roles('member')),
  rule('^blind_', roles('member'), roles('admin'), roles('admin'), roles('admin')),
  rule('^policy_', everybody, { kind: 'policy', rule: 'context_is_admin' }, everybody, everybody),
  rule('^service_', roles('service'), everybody, everybody, everybody),
  rule('^open_', everybody, everybody, everybody, everybody),
]

async function aProtectedWorld(properties: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = { ...(await aWorld()), protections: new PropertyProtections(rules) }
  world.images.put(anImage({ properties: new Map(Object.entries(properties)) }))
  return world
}

const create = (world: World, body: unknown, context: RequestContext = aCaller()) =>
  createImage(context, world, { body })

function patch(world: World, operations: unknown, context: RequestContext = aCaller()) {
  return updateImage(context, world, { imageId: anImage().id, operations: parseJsonPatch(operations, '2.1') })
}

const shown = (world: World, context: RequestContext) =>
  Object.fromEntries(shownProperties(context, world, world.images.peek(anImage().id) ?? anImage()))

const stored = (world: World) => Object.fromEntries(world.images.peek(anImage().id)?.properties ?? [])

const isReserved = (name: string) => ({ code: 'FORBIDDEN', message: `Attribute '${name}' is reserved.` })

describe('protected properties', () => {
  it('are shown to whoever may read them', async () => {
    const world = await aProtectedWorld({
      secret_a: '1',
      kept_b: '2',
      policy_c: '3',
      unnamed: '4',
      os_glance_failed_import: '',
    })

    expect(shown(world, aCaller())).toEqual({ kept_b: '2', os_glance_failed_import: '' })
    expect(shown(world, admin)).toEqual({ secret_a: '1', kept_b: '2', policy_c: '3', os_glance_failed_import: '' })
  })

  it('refuse an image as a whole when one of them may not be created', async () => {
    const world = await aProtectedWorld()

    for (const name of ['secret_a', 'unnamed'])
      expect(await refusalOf(() => create(world, { open_a: '1', [name]: '2' }))).toEqual(isReserved(name))
    expect(world.images.all).toHaveLength(1)
    const { image } = await create(world, { kept_a: '1', drop_b: '2' })
    expect(Object.fromEntries(image.properties)).toEqual({ kept_a: '1', drop_b: '2' })
  })

  it('hold patches to create, update and delete, and change nothing when one operation is refused', async () => {
    const world = await aProtectedWorld({ kept_a: '1', open_b: '2' })
    const refusals = [
      [{ op: 'replace', path: '/kept_a', value: '9' }, 'kept_a'],
      [{ op: 'remove', path: '/kept_a' }, 'kept_a'],
      [{ op: 'add', path: '/secret_x', value: '9' }, 'secret_x'],
    ] as const

    for (const [operation, name] of refusals)
      expect(await refusalOf(() => patch(world, [{ op: 'remove', path: '/open_b' }, operation]))).toEqual(
        isReserved(name),
      )
    expect(stored(world)).toEqual({ kept_a: '1', open_b: '2' })
  })

  it('that the caller may not read are as good as absent to a patch', async () => {
    const world = await aProtectedWorld({ drop_a: '1' })

    for (const operation of [
      { op: 'replace', path: '/drop_a', value: '9' },
      { op: 'remove', path: '/drop_a' },
    ])
      expect(await refusalOf(() => patch(world, [operation]))).toMatchObject({
        code: 'CONFLICT',
        detail: 'Property drop_a does not exist.',
      })
  })

  it('are not written over unseen without the right to change them', async () => {
    const world = await aProtectedWorld({ drop_a: '1', blind_b: '2' })

    await patch(world, [{ op: 'add', path: '/drop_a', value: '9' }])

    expect(await refusalOf(() => patch(world, [{ op: 'add', path: '/blind_b', value: '9' }]))).toEqual(
      isReserved('blind_b'),
    )
    expect(stored(world)).toEqual({ drop_a: '9', blind_b: '2' })
  })

  it('that the caller may not read survive its changes of others', async () => {
    const world = await aProtectedWorld({ secret_a: '1', open_b: '2' })

    await patch(world, [{ op: 'replace', path: '/open_b', value: '3' }])

    expect(stored(world)).toEqual({ secret_a: '1', open_b: '3' })
  })

  it('cannot be guessed by filters: one that the caller may not read matches nothing', async () => {
    const world = await aProtectedWorld({ secret_a: '1', open_b: '2' })
    const found = async (context: RequestContext, ...parameters: readonly (readonly [string, string])[]) =>
      (await listImages(context, world, { parameters })).images.length

    expect(await found(aCaller(), ['secret_a', '1'])).toBe(0)
    expect(await found(aCaller(), ['open_b', '2'], ['secret_a', '1'])).toBe(0)
    expect(await found(aCaller(), ['open_b', '2'])).toBe(1)
    expect(await found(admin, ['secret_a', '1'])).toBe(1)
  })

  it('count the roles of a service that acts for the caller, which count nowhere else', async () => {
    const world = await aProtectedWorld()
    const throughService = aCaller({ serviceRoles: ['service', 'admin'] })

    await create(world, { service_a: '1', secret_b: '2' }, throughService)

    expect(await refusalOf(() => create(world, { service_a: '1' }))).toEqual(isReserved('service_a'))
    expect(await refusalOf(() => create(world, { visibility: 'public' }, throughService))).toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})
