/** The option table, which becomes validation, documentation and redaction. */
import { glanceName, namesOf, type Option } from '@glance/core'
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import type { Lab } from '../lab.ts'

function table({ harness }: Lab): readonly (readonly [string, Option])[] {
  return Object.entries(harness.definition.options) as [string, Option][]
}

/** Text that no option of the kind can take; kinds that take any text are not here. */
const wrong: Partial<Record<Option['kind'], string>> = {
  integer: 'many',
  bytes: 'a lot',
  duration: 'a while',
  flag: 'perhaps',
  choice: 'no such word, surely',
  map: 'no pair',
}

/** Names that promise a secret. A path to one, or its length of life, is none. */
const secretName = /(password|passphrase|passwd|secret|token)$|(^|_)(key|apikey)$/
const harmlessKinds: ReadonlySet<Option['kind']> = new Set(['path', 'flag', 'integer', 'duration', 'bytes', 'choice'])

export const optionCases: readonly Case[] = [
  {
    id: 'options/help',
    title: 'explains each option in whole sentences',
    catches: 'a row of the documentation without a text',
    needs: null,
    async run(lab) {
      for (const [name, { help }] of table(lab)) {
        must(help.trim() !== '', `option ${name} has no help`)
        must(help.endsWith('.'), `the help of option ${name} does not end with a full stop`)
      }
    },
  },
  {
    id: 'options/defaults',
    title: 'has defaults that its own types take',
    catches: 'a default outside of its bounds, with which a store would open that nobody can configure',
    needs: null,
    async run(lab) {
      for (const [name, option] of table(lab)) {
        if (option.default === undefined) continue
        must(option.type.safeParse(option.default).success, `the default of option ${name} is not of its type`)
      }
    },
  },
  {
    id: 'options/wrong-types',
    title: 'finds a fault with values of a wrong type',
    catches: 'a misspelt number that becomes NaN, 0 or true when the store opens',
    needs: null,
    async run(lab) {
      for (const [name, option] of table(lab)) {
        const bad: unknown[] = [{ wrong: { type: true } }, wrong[option.kind]]
        for (const value of bad.filter((each) => each !== undefined))
          must(!option.type.safeParse(value).success, `option ${name} takes ${JSON.stringify(value)}`)
      }
    },
  },
  {
    id: 'options/names',
    title: 'has no two options of one name, and lower-case names in configuration files',
    catches: 'an old name of one option that hides another option',
    needs: null,
    async run(lab) {
      const owners = new Map<string, string>()
      for (const [name, option] of table(lab)) {
        const inFiles = glanceName(name, option)
        must(/^[a-z][a-z0-9_]*$/.test(inFiles), `option ${name} is called ${inFiles} in files`)
        for (const each of namesOf(name, option)) {
          const owner = owners.get(each)
          must(owner === undefined || owner === name, `options ${owner} and ${name} both answer to ${each}`)
          owners.set(each, name)
        }
      }
    },
  },
  {
    id: 'options/secrets',
    title: 'declares options that are secrets as secrets',
    catches: 'a password in the log of the start and in the list of stores',
    needs: null,
    async run(lab) {
      for (const [name, option] of table(lab)) {
        if (option.kind === 'secret' || harmlessKinds.has(option.kind)) continue
        const names = [glanceName(name, option), name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]
        must(
          !names.some((each) => secretName.test(each)),
          `option ${name} sounds like a secret and is a ${option.kind}`,
        )
      }
    },
  },
]
