/**
 * Abilities that are not declared are refused, and change nothing.
 *
 * `Store` refuses them before it calls a driver; a driver that is used without it, or declares too little by mistake, must do the same.
 */
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import { Source } from '../sources.ts'

export const refusalCases: readonly Case[] = [
  {
    id: 'refusals/add',
    title: 'refuses add with READ_ONLY when it is not declared, without reading the data',
    catches: 'a read-only store that swallows an upload before it says no',
    needs: { add: false },
    async run(lab) {
      const source = new Source(lab.payload(100))
      await lab.store.refused('add', ['READ_ONLY'], lab.store.add(lab.id('refused'), source))
      must(!source.started, 'the driver began to read data that it does not take')
    },
  },
  {
    id: 'refusals/delete',
    title: 'refuses delete with UNSUPPORTED when it is not declared, and keeps the data',
    catches: 'a delete that goes through although the store is said to keep everything, or one that lies',
    needs: { delete: false },
    async run(lab) {
      const data = lab.payload(100)
      const location = await lab.store.put(lab.id('kept'), data)
      await lab.store.refused('delete', ['UNSUPPORTED'], lab.store.delete(location))
      await lab.store.read(location, data)
    },
  },
  {
    id: 'refusals/range',
    title: 'refuses to read a part with UNSUPPORTED when randomRead is not declared',
    catches: 'the whole image where a part was asked for, which a client then takes for the part',
    needs: { randomRead: false },
    async run(lab) {
      const location = await lab.store.put(lab.id('whole'), lab.payload(100))
      await lab.store.refused('get with an offset', ['UNSUPPORTED'], lab.store.get(location, { offset: 10 }))
      await lab.store.refused('get with a length', ['UNSUPPORTED'], lab.store.get(location, { length: 10 }))
    },
  },
  {
    id: 'refusals/acls',
    title: 'has no setAcls, or refuses it with UNSUPPORTED, when it is not declared',
    catches: 'access lists that are accepted and have no effect',
    needs: { setAcls: false },
    async run(lab) {
      const { driver } = lab.store
      if (!driver.setAcls) return
      const location = await lab.store.put(lab.id('acls'), lab.payload(100))
      const acls = { public: true, read: [], write: [], signal: new AbortController().signal }
      await lab.store.refused('setAcls', ['UNSUPPORTED'], driver.setAcls(location, acls))
    },
  },
]
