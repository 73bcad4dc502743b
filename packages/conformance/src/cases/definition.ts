/** What a driver says of itself, in its definition and when it is open. */
import { contractVersion, isDriverDefinition, type StoreCapabilities } from '@glance/core'
import type { Case } from '../case.ts'
import { must } from '../finding.ts'

export const definitionCases: readonly Case[] = [
  {
    id: 'definition/brand',
    title: 'exports a definition of this contract version',
    catches: 'a plain object without the brand of defineDriver(), which the server does not load',
    needs: null,
    async run({ harness: { definition } }) {
      must(isDriverDefinition(definition), 'the definition was not made by defineDriver()')
      must(
        definition.contract === contractVersion,
        `the definition is for contract ${definition.contract}, the suite for ${contractVersion}`,
      )
    },
  },
  {
    id: 'definition/capabilities',
    title: 'declares every capability with a value of its type',
    catches: 'a capability that is missing, so that Store refuses calls or sets no limit',
    needs: {},
    async run({ store: { driver } }) {
      const { maxImageBytes, ...abilities } = driver.capabilities
      const names = ['add', 'delete', 'randomRead', 'setAcls'] as const satisfies (keyof StoreCapabilities)[]
      for (const name of names) must(typeof abilities[name] === 'boolean', `${name} is neither true nor false`)
      must(
        maxImageBytes === null || (Number.isSafeInteger(maxImageBytes) && maxImageBytes > 0),
        `maxImageBytes is ${maxImageBytes}`,
      )
    },
  },
  {
    id: 'definition/constant',
    title: 'declares the same capabilities and prefixes as long as it is open',
    catches: 'a capability that is worked out anew, or learnt from the first call, after Store has used it',
    needs: {},
    async run(lab) {
      const { store } = lab
      const before = JSON.stringify([store.capabilities, store.driver.locationPrefixes])
      const data = lab.payload(Math.min(1000, lab.maxBytes))
      await store.read(await store.put(lab.id('constant'), data), data)
      await store.missing(lab.id('gone'), data)
      const after = JSON.stringify([store.capabilities, store.driver.locationPrefixes])
      must(after === before, `declared ${before} when it opened and ${after} after some calls`)
    },
  },
  {
    id: 'definition/prefixes',
    title: 'begins every location prefix with one of its schemes',
    catches: 'a prefix that matches no location, so that data of old records are looked for in the wrong store',
    needs: {},
    async run({ harness: { definition }, store: { driver } }) {
      must(driver.locationPrefixes.length > 0, 'there is no location prefix')
      for (const prefix of driver.locationPrefixes) {
        const known = definition.schemes.some((scheme) => prefix.startsWith(`${scheme}://`))
        must(known, `the location prefix ${prefix} has none of the schemes ${definition.schemes.join(', ')}`)
      }
    },
  },
]
