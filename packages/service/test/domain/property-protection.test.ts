import { describe, expect, it } from 'vitest'
import { PropertyProtections, type PropertyRule } from '../../src/index.ts'

const everybody = { kind: 'everybody' } as const
const nobody = { kind: 'nobody' } as const

function rule(pattern: string, permission: PropertyRule['permissions']['read']): PropertyRule {
  return { pattern, permissions: { create: permission, read: permission, update: permission, delete: permission } }
}

describe('PropertyProtections', () => {
  it('OSSN-0013: the first rule that matches decides, in the order of the file', () => {
    const roles = { kind: 'roles', roles: ['admin'] } as const
    const strictFirst = new PropertyProtections([rule('^x_owner_', roles), rule('^x_', everybody), rule('.*', nobody)])
    const looseFirst = new PropertyProtections([rule('^x_', everybody), rule('^x_owner_', roles), rule('.*', nobody)])

    expect(strictFirst.permission('x_owner_foo', 'read')).toEqual(roles)
    expect(looseFirst.permission('x_owner_foo', 'read')).toEqual(everybody)
    for (const protections of [strictFirst, looseFirst]) {
      expect(protections.permission('x_a', 'update')).toEqual(everybody)
      expect(protections.permission('other', 'create')).toEqual(nobody)
    }
  })

  it('closes what no rule speaks of, to everybody', () => {
    expect(new PropertyProtections([rule('^x_', everybody)]).permission('y', 'read')).toEqual(nobody)
  })

  it('leaves the properties of the service itself open', () => {
    const protections = new PropertyProtections([rule('.*', nobody)])

    expect(protections.permission('os_glance_importing_to_stores', 'read')).toEqual(everybody)
    expect(protections.permission('x_os_glance', 'read')).toEqual(nobody)
  })

  it('decides the same for more names than it remembers', () => {
    const protections = new PropertyProtections([rule('7$', everybody)])

    for (let i = 0; i < 20_500; i += 1) protections.permission(`name ${i}`, 'read')

    expect(protections.permission('name 7', 'read')).toEqual(everybody)
    expect(protections.permission('name 8', 'read')).toEqual(nobody)
  })
})
