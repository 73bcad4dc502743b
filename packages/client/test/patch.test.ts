import { describe, expect, it } from 'vitest'
import { patchFromChanges } from '../src/index.ts'
import { anImage } from './support/make-image.ts'

describe('patchFromChanges', () => {
  it('replaces present members and adds new properties', () => {
    const image = anImage({ os_distro: 'debian' })

    expect(patchFromChanges(image, { set: { name: 'new', os_distro: 'ubuntu', 'a/b~c': 'x' } })).toEqual([
      { op: 'replace', path: '/name', value: 'new' },
      { op: 'replace', path: '/os_distro', value: 'ubuntu' },
      { op: 'add', path: '/a~1b~0c', value: 'x' },
    ])
  })

  it('leaves out what is already so', () => {
    expect(patchFromChanges(anImage({ tags: ['a'] }), { set: { name: 'cirros', tags: ['a'], min_ram: 0 } })).toEqual([])
  })

  it('replaces a base member that an old service does not show', () => {
    const { os_hidden: _hidden, ...old } = anImage()

    expect(patchFromChanges(old as ReturnType<typeof anImage>, { set: { os_hidden: true } })).toEqual([
      { op: 'replace', path: '/os_hidden', value: true },
    ])
  })

  it('removes only properties the image has and that are not set at the same time', () => {
    const image = anImage({ os_distro: 'debian', arch: 'arm' })

    expect(patchFromChanges(image, { remove: ['os_distro', 'arch', 'absent'], set: { arch: 'x86' } })).toEqual([
      { op: 'remove', path: '/os_distro' },
      { op: 'replace', path: '/arch', value: 'x86' },
    ])
  })
})
