/** Locations that are not this store's: malformed, foreign, or made up by somebody who wants to read more than he may. */
import { posix } from 'node:path'
import { isStoreError, type StoreErrorCode } from '@glance/core'
import { outcomeOf } from '../bounded.ts'
import type { Case } from '../case.ts'
import { inWords, must } from '../finding.ts'
import type { Lab } from '../lab.ts'

const codes: readonly StoreErrorCode[] = ['INVALID_LOCATION', 'NOT_FOUND']

/** Checks that a location is refused by every call. `name` says what kind of location it is, since messages do not show it whole. */
async function refused(lab: Lab, name: string, location: string): Promise<void> {
  const { store } = lab
  await store.refused(`get of ${name} ${JSON.stringify(location)}`, codes, store.get(location))
  await store.refused(`getSize of ${name} ${JSON.stringify(location)}`, codes, store.getSize(location))
  if (store.capabilities.delete)
    await store.refused(`delete of ${name} ${JSON.stringify(location)}`, codes, store.delete(location))
}

function parted(location: string): { readonly scheme: string; readonly rest: string } {
  const at = location.indexOf('://')
  return { scheme: location.slice(0, at), rest: location.slice(at + 3) }
}

/** Locations below `prefix` that lead to `target`, or to a file that every system has, when dots or escapes are resolved. */
function traversals(prefix: string, target: string, lastSegment: string): readonly string[] {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`
  const { rest } = parted(base)
  const goal = parted(target).rest
  const up = '../'.repeat(rest.split('/').length + 2)
  const ways = [posix.relative(`/${rest}`, `/${goal}`), `${up}${goal.replace(/^\//, '')}`, `${up}etc/passwd`]
  return [
    ...ways.flatMap((way) => [
      `${base}${way}`,
      `${base}${way.replaceAll('..', '%2e%2e')}`,
      `${base}${way.replaceAll('/', '%2f')}`,
      `${base}${way.replaceAll('..', '%2E%2E').replaceAll('/', '%2F')}`,
      `${base}${way.replaceAll('..', '%252e%252e')}`,
      `${base}${way.replaceAll('/', '\\')}`,
    ]),
    `${base}..`,
    `${base}.`,
    `${base}../${lastSegment}/..`,
    `${base}${lastSegment}%00.raw`,
  ]
}

export const locationCases: readonly Case[] = [
  {
    id: 'locations/foreign-scheme',
    title: 'refuses a location of a scheme that it does not have',
    catches: 'a driver that looks at the path alone and reads the data of another kind of store',
    needs: {},
    async run(lab) {
      const location = await lab.store.put(lab.id('own'), lab.payload(100))
      await refused(lab, 'the foreign location', `x-foreign://${parted(location).rest}`)
    },
  },
  {
    id: 'locations/malformed',
    title: 'refuses text that is no location',
    catches: 'a URIError or TypeError out of the parser of the platform, which becomes status 500',
    needs: {},
    async run(lab) {
      const [scheme = ''] = lab.harness.definition.schemes
      const texts = ['', 'no location', scheme, `${scheme}:`, `${scheme}://`, `${scheme}://a b/c`, `${scheme}://\0`]
      if (lab.store.capabilities.add) {
        const { location } = await lab.store.add(lab.id('own'), lab.payload(1))
        texts.push(`${location}%`, `${location}%zz`, `${location}%ff`, `${location}\n`, ` ${location}`)
      }
      for (const text of texts) await refused(lab, 'the malformed location', text)
    },
  },
  {
    id: 'locations/neighbours',
    title: 'finds nothing at locations around an image',
    catches: 'a prefix, folder or beginning of a name taken for an image, or an error of the backend passed on for it',
    needs: { add: true },
    async run(lab) {
      const { location } = await lab.store.add(lab.id('own'), lab.payload(100))
      const around = [`${location}x`, location.slice(0, -1), `${location}/x`, ...lab.store.driver.locationPrefixes]
      for (const each of around) await refused(lab, 'the location', each)
    },
  },
  {
    id: 'locations/traversal',
    title: 'does not leave the store by dots and escapes in a location',
    catches:
      "`../` and its encodings, with which a location reads or deletes another store's data or a file of the host",
    needs: { add: true },
    async run(lab) {
      const other = await lab.openOther()
      const data = lab.payload(100)
      const id = lab.id('target')
      const target = (await other.add(id, data)).location
      const own = await lab.store.add(lab.id('own'), lab.payload(50))
      const prefixes = lab.store.driver.locationPrefixes.filter((prefix) => own.location.startsWith(prefix))
      for (const prefix of prefixes) {
        for (const location of traversals(prefix, target, id)) await refused(lab, 'the traversing location', location)
      }
      await other.read(target, data)
    },
  },
  {
    id: 'locations/other-host',
    title: 'does not follow a location to another host',
    catches: 'a request, with the credentials of the store, to a server that a user named',
    needs: { add: true },
    async run(lab) {
      const { location } = await lab.store.add(lab.id('own'), lab.payload(100))
      const { scheme, rest } = parted(location)
      const path = rest.slice(rest.indexOf('/') + 1)
      const hosts = ['other.invalid', '127.0.0.1:9', 'user:word@other.invalid']
      for (const host of hosts) await refused(lab, 'the location on another host', `${scheme}://${host}/${path}`)
    },
  },
  {
    id: 'locations/other-store',
    title: 'does not read or delete what lies in another store of the same kind',
    catches:
      'state that all stores of a process share; a bucket or directory taken from the location and not from the options',
    needs: { add: true },
    async run(lab) {
      const other = await lab.openOther()
      const data = lab.payload(100)
      const { location } = await other.add(lab.id('theirs'), data)
      await refused(lab, 'the location of another store', location)
      await other.read(location, data)
    },
  },
  {
    id: 'locations/same-id',
    title: 'keeps one image id in two stores apart',
    catches: 'a name in the backend that leaves out what tells the stores apart',
    needs: { add: true },
    async run(lab) {
      const other = await lab.openOther()
      const id = lab.id('both')
      const [mine, theirs] = [lab.payload(100), lab.payload(200)]
      const own = (await lab.store.add(id, mine)).location
      const added = await outcomeOf(other.add(id, theirs))
      const taken = isStoreError(added.error) && added.error.code === 'ALREADY_EXISTS'
      must(!taken, 'an id that is taken in one store is taken in another one')
      must(added.ok, `the second store failed with ${inWords(added.error)}`)
      await lab.store.read(own, mine)
      await other.read(added.value.location, theirs)
    },
  },
]
