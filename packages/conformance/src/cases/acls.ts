/** Access lists in the backend, for stores that declare them. */
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import type { Lab } from '../lab.ts'

async function setAcls(lab: Lab, location: string, isPublic: boolean, read: readonly string[]): Promise<void> {
  const { driver } = lab.store
  must(driver.setAcls !== undefined, 'setAcls is declared and there is no such method')
  const acls = { public: isPublic, read, write: [], signal: new AbortController().signal }
  await lab.store.within('setAcls', driver.setAcls(location, acls))
}

export const aclCases: readonly Case[] = [
  {
    id: 'acls/sets',
    title: 'sets access lists, again and to nobody, and keeps the data',
    catches: 'a declared ability without its method, or a list that can be widened and never narrowed',
    needs: { setAcls: true },
    async run(lab) {
      const data = lab.payload(100)
      const location = await lab.store.put(lab.id('acls'), data)
      await setAcls(lab, location, true, [])
      await setAcls(lab, location, false, ['project-a', 'project-b'])
      await setAcls(lab, location, false, [])
      await lab.store.read(location, data)
    },
  },
  {
    id: 'acls/missing',
    title: 'rejects with NOT_FOUND when there is nothing at a location',
    catches: 'access lists made for a name that later belongs to another image',
    needs: { setAcls: true },
    async run(lab) {
      const location = await lab.store.missing(lab.id('missing'), lab.payload(100))
      await lab.store.refused('setAcls', ['NOT_FOUND'], setAcls(lab, location, true, []))
    },
  },
]
