/** Failures that a program can act on and a log can show. */
import { redactLocation, type StoreError, storeErrorCodes } from '@glance/core'
import type { Case } from '../case.ts'
import { Finding, inWords, must } from '../finding.ts'
import type { Lab } from '../lab.ts'
import { Source } from '../sources.ts'

interface Failure {
  readonly what: string
  readonly error: StoreError
  /** The location that the call was about. */
  readonly location: string
}

/** Some failures that every driver can be brought to. */
async function failures(lab: Lab): Promise<readonly Failure[]> {
  const { store } = lab
  const data = lab.payload(100)
  const location = await store.missing(lab.id('missing'), data)
  const refused = async (what: string, call: Promise<unknown>): Promise<Failure> => ({
    what,
    location,
    error: await store.refused(what, ['NOT_FOUND'], call),
  })
  const found = [await refused('get', store.get(location)), await refused('getSize', store.getSize(location))]
  if (store.capabilities.delete) found.push(await refused('delete', store.delete(location)))
  if (store.capabilities.add) {
    const id = lab.id('taken')
    const added = await store.add(id, data)
    const error = await store.refused('a second add', ['ALREADY_EXISTS'], store.add(id, data))
    found.push({ what: 'a second add', location: added.location, error })
  }
  return found
}

/** What a source may throw: errors of its own, an error that looks like the driver's business, and things that are no errors. */
const thrownBySources: readonly unknown[] = [
  new TypeError('a bug in the source'),
  Object.assign(new Error('no space left on device, says the client'), { code: 'ENOSPC' }),
  'a text',
]

export const errorCases: readonly Case[] = [
  {
    id: 'errors/codes',
    title: 'rejects with a StoreError of a known code',
    catches: 'native errors and look-alikes, which become status 500',
    needs: {},
    async run(lab) {
      for (const { what, error } of await failures(lab)) {
        must(Object.hasOwn(storeErrorCodes, error.code), `${what} rejected with the unknown code ${error.code}`)
        must(error instanceof Error && error.message !== '', `${what} rejected with an error without a message`)
      }
    },
  },
  {
    id: 'errors/retryable',
    title: 'says of each failure what the table of codes says: whether to try again',
    catches: 'a subclass with rules of its own, so that Store repeats what cannot succeed',
    needs: {},
    async run(lab) {
      for (const { what, error } of await failures(lab)) {
        const { retryable } = storeErrorCodes[error.code]
        must(error.retryable === retryable, `${what} rejected with ${error.code}, retryable ${error.retryable}`)
      }
    },
  },
  {
    id: 'errors/secrets',
    title: 'puts no secret into a message',
    catches: 'the URL of a request with its keys in an error text (LP 2047688)',
    needs: {},
    async run(lab) {
      const secrets = lab.secretsOf(lab.store.options)
      for (const { what, error } of await failures(lab)) {
        const shown = secrets.some((secret) => `${error.message} ${JSON.stringify(error.context)}`.includes(secret))
        must(!shown, `the message of ${what} holds the value of a secret option`)
      }
    },
  },
  {
    id: 'errors/locations',
    title: 'puts no full location into a message',
    catches: 'paths of the host and account names in answers to users; redactLocation() was forgotten',
    needs: {},
    async run(lab) {
      for (const { what, error, location } of await failures(lab)) {
        const harmless = redactLocation(location) === location
        must(harmless || !error.message.includes(location), `the message of ${what} holds a full location`)
      }
    },
  },
  {
    id: 'errors/source',
    title: 'rejects with what the source threw, as it is',
    catches: 'an error of the client wrapped into one of the backend, or classified by its code',
    needs: { add: true },
    async run(lab) {
      for (const [index, error] of thrownBySources.entries()) {
        const source = new Source(lab.payload(1000), { failAt: { byte: 500, error } })
        const adding = lab.store.add(lab.id(`source-${index}`), source)
        const thrown = await adding.then(
          () => must(false, 'add went well although its source failed'),
          (caught: unknown) => caught,
        )
        if (thrown instanceof Finding) throw thrown
        must(thrown === error, `add rejected with ${inWords(thrown)} instead of ${inWords(error)}`)
      }
    },
  },
]
