/** Toys that are wrong in what they say: `definition/`, `options/`, `errors/`, `locations/`, `refusals/`, `acls/`, `health/`, `unreachable/`. */
import { type DriverDefinition, isStoreError, optionTable, StoreError, text } from '@glance/core'
import { adding, type Fault, failing, located, never } from '../breaking.ts'
import { type Break, backend, everything, pieces, Toy, toyOptions, toyPassword } from '../toy.ts'

const withOption = (name: string, option: object): Partial<DriverDefinition> => ({
  options: optionTable({ ...toyOptions, [name]: { ...text({ help: 'A text.' }), ...option } }),
})

/** A look-alike of StoreError, such as a driver makes that has a copy of the class. */
class Lookalike extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

class Stubborn extends StoreError {
  override get retryable(): boolean {
    return true
  }
}

/** Finds bytes by the path of a location, as a file system would, after a look at the beginning of the location. */
const byPath =
  (resolve: (path: string) => string): Break =>
  (toy) => ({
    async get(location, options) {
      const [prefix = ''] = toy.locationPrefixes
      const bytes = location.startsWith(prefix) && backend.get(resolve(location.replace('toy://host', '')))
      if (!bytes) return toy.get(location, options)
      return { size: bytes.byteLength, body: pieces(bytes, options.signal) }
    },
  })

const none: Fault['capabilities'] = { add: false, delete: false, randomRead: false, setAcls: false }

/** A toy with everything behind a store that declares less. */
const doing =
  (name: 'add' | 'delete' | 'get' | 'setAcls'): Break =>
  (toy) => {
    const able = new Toy(toy.root, everything, false)
    const call = (able[name] as (...given: unknown[]) => unknown).bind(able)
    return { [name]: call }
  }

export const faultsOfAnswering: readonly Fault[] = [
  {
    case: 'definition/brand',
    fault: 'states another contract',
    says: /contract 7/,
    definition: { contract: 7 },
  },
  { case: 'definition/brand', fault: 'exports a plain object', says: /not made by defineDriver/, unbranded: true },
  {
    case: 'definition/capabilities',
    fault: 'leaves a capability out',
    says: /randomRead is neither/,
    breaks: () => ({ capabilities: { ...everything, randomRead: undefined } as never }),
  },
  {
    case: 'definition/capabilities',
    fault: 'says 0 for no limit',
    says: /maxImageBytes is 0/,
    breaks: () => ({ capabilities: { ...everything, maxImageBytes: 0 } }),
  },
  {
    case: 'definition/constant',
    fault: 'learns from its first answer that it can read parts',
    says: /after some calls/,
    breaks: (toy) => {
      const capabilities = { ...everything, randomRead: false }
      return {
        capabilities,
        async get(...given) {
          capabilities.randomRead = true
          return toy.get(...given)
        },
      }
    },
  },
  {
    case: 'definition/prefixes',
    fault: 'has no prefix',
    says: /no location prefix/,
    breaks: () => ({ locationPrefixes: [] }),
  },
  {
    case: 'definition/prefixes',
    fault: 'has a path for a prefix',
    says: /none of the schemes/,
    breaks: () => ({ locationPrefixes: ['/srv/toys/'] }),
  },
  {
    case: 'options/help',
    fault: 'has an option without help',
    says: /no help/,
    definition: withOption('mute', { help: '' }),
  },
  {
    case: 'options/help',
    fault: 'breaks off in the help',
    says: /full stop/,
    definition: withOption('mute', { help: 'The' }),
  },
  {
    case: 'options/defaults',
    fault: 'has a number for the default of a text',
    says: /default of option level/,
    definition: withOption('level', { default: 5 }),
  },
  {
    case: 'options/wrong-types',
    fault: 'takes any text for a number',
    says: /option level takes "many"/,
    definition: withOption('level', { kind: 'integer' }),
  },
  {
    case: 'options/names',
    fault: 'lets two options answer to one name',
    says: /both answer to toy_root/,
    definition: withOption('base', { glanceOld: ['toy_root'] }),
  },
  {
    case: 'options/names',
    fault: 'uses capitals in files',
    says: /ToyBase in files/,
    definition: withOption('base', { glance: 'ToyBase' }),
  },
  {
    case: 'options/secrets',
    fault: 'has a key that is a plain text',
    says: /sounds like a secret/,
    definition: withOption('accessKey', {}),
  },
  {
    case: 'errors/codes',
    fault: 'throws look-alikes without the brand',
    says: /no StoreError/,
    breaks: failing((error) => (isStoreError(error) ? new Lookalike(error.code, error.message) : error)),
  },
  {
    case: 'errors/codes',
    fault: 'says nothing in its messages',
    says: /without a message/,
    breaks: failing((error) => (isStoreError(error) ? new StoreError(error.code, '') : error)),
  },
  {
    case: 'errors/retryable',
    fault: 'has rules of its own for trying again',
    says: /retryable true/,
    breaks: failing((error) => (isStoreError(error) ? new Stubborn(error.code, error.message) : error)),
  },
  {
    case: 'errors/secrets',
    fault: 'shows its password',
    says: /value of a secret option/,
    breaks: failing((error) =>
      isStoreError(error) ? new StoreError(error.code, `asked with ${toyPassword}: ${error.message}`) : error,
    ),
  },
  {
    case: 'errors/locations',
    fault: 'shows the location',
    says: /full location/,
    breaks: failing((error, _, subject) => (isStoreError(error) ? new StoreError(error.code, `at ${subject}`) : error)),
  },
  {
    case: 'errors/source',
    fault: 'wraps what the source threw',
    says: /instead of TypeError/,
    breaks: failing((error) =>
      isStoreError(error) ? error : new StoreError('UNKNOWN', 'add failed', { cause: error }),
    ),
  },
  {
    case: 'errors/source',
    fault: 'classifies the error of the source by its code',
    says: /STORE_FULL/,
    breaks: failing((error) =>
      error instanceof Error && 'code' in error && error.code === 'ENOSPC'
        ? new StoreError('STORE_FULL', 'no space', { cause: error })
        : error,
    ),
  },
  {
    case: 'locations/foreign-scheme',
    fault: 'looks at the path alone',
    says: /went well/,
    breaks: located((_, location) => location.replace(/^[^:]*/, 'toy')),
  },
  {
    case: 'locations/malformed',
    fault: 'lets the parser of the platform fall over',
    says: /URIError/,
    breaks: located((_, location) => decodeURI(location)),
  },
  {
    case: 'locations/malformed',
    fault: 'trims what it gets',
    says: /went well/,
    breaks: located((_, location) => location.trim()),
  },
  {
    case: 'locations/neighbours',
    fault: 'finds an image by the beginning of its name',
    says: /went well/,
    breaks: located((toy, location) => {
      const found = toy
        .paths()
        .find((path) => `toy://host${path}`.startsWith(location) || location.startsWith(`toy://host${path}`))
      return found ? `toy://host${found}` : location
    }),
  },
  {
    case: 'locations/neighbours',
    fault: 'passes the error of the backend on for its own folder',
    says: /EISDIR/,
    breaks: located((toy, location) => {
      if (location === toy.locationPrefixes[0]) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' })
      return location
    }),
  },
  {
    case: 'locations/traversal',
    fault: 'resolves dots in a location',
    says: /went well/,
    breaks: byPath((path) => new URL(path, 'file:///').pathname),
  },
  {
    case: 'locations/traversal',
    fault: 'resolves escapes after it has looked for dots',
    says: /went well/,
    breaks: byPath((path) => (path.includes('..') ? path : new URL(decodeURIComponent(path), 'file:///').pathname)),
  },
  {
    case: 'locations/other-host',
    fault: 'takes any host for its own',
    says: /went well/,
    breaks: located((_, location) => location.replace(/^toy:\/\/[^/]*/, 'toy://host')),
  },
  {
    case: 'locations/other-store',
    fault: 'takes the root from the location',
    says: /went well/,
    breaks: (toy) => ({
      get: (location, options) => new Toy(location.split('/')[3] ?? toy.root, everything, false).get(location, options),
    }),
  },
  {
    case: 'locations/other-store',
    fault: 'takes the root from the location when it deletes',
    says: /delete of .* went well/,
    breaks: (toy) => ({
      delete: (location, options) =>
        new Toy(location.split('/')[3] ?? toy.root, everything, false).delete(location, options),
    }),
  },
  {
    case: 'locations/same-id',
    fault: 'leaves the root out of the names of images',
    says: /taken in another one/,
    breaks: adding(async (toy, id, data, options) => {
      if ([...backend.keys()].some((path) => path.endsWith(`/${id}`))) throw new StoreError('ALREADY_EXISTS', 'taken')
      return toy.add(id, data, options)
    }),
  },
  {
    case: 'refusals/add',
    fault: 'adds though it declares not to',
    says: /went well/,
    capabilities: none,
    breaks: doing('add'),
  },
  {
    case: 'refusals/add',
    fault: 'reads the data before it refuses',
    says: /began to read/,
    capabilities: none,
    breaks: adding(async (toy, id, data, options) => {
      for await (const _ of data);
      return toy.add(id, data, options)
    }),
  },
  {
    case: 'refusals/delete',
    fault: 'deletes though it declares not to',
    says: /went well/,
    capabilities: none,
    breaks: doing('delete'),
  },
  {
    case: 'refusals/range',
    fault: 'reads parts though it declares not to',
    says: /went well/,
    capabilities: none,
    breaks: doing('get'),
  },
  {
    case: 'refusals/acls',
    fault: 'sets access lists though it declares not to',
    says: /went well/,
    capabilities: none,
    breaks: doing('setAcls'),
  },
  {
    case: 'acls/sets',
    fault: 'declares what it has no method for',
    says: /no such method/,
    breaks: () => ({ setAcls: undefined }) as never,
  },
  {
    case: 'acls/sets',
    fault: 'cannot take access away again',
    says: /UNKNOWN/,
    breaks: (toy) => ({
      async setAcls(location, acls) {
        if (!acls.public && acls.read.length === 0) throw new StoreError('UNKNOWN', 'an empty list')
        return toy.setAcls(location, acls)
      },
    }),
  },
  {
    case: 'acls/missing',
    fault: 'takes lists for what is not there',
    says: /went well/,
    breaks: () => ({ async setAcls() {} }),
  },
  {
    case: 'health/check',
    fault: 'uses its probes up',
    says: /did not settle/,
    breaks: () => {
      let probes = 0
      return { check: () => (++probes > 10 ? never() : Promise.resolve()) }
    },
  },
  { case: 'health/abort', fault: 'checks for nobody', says: /went well/, breaks: () => ({ async check() {} }) },
  {
    case: 'unreachable/code',
    fault: 'blames the configuration',
    says: /^a backend that is down led to StoreError BAD_CONFIGURATION/,
    whenDown: async () => {
      throw new StoreError('BAD_CONFIGURATION', 'no such host', { cause: new Error('refused') })
    },
  },
  {
    case: 'unreachable/code',
    fault: 'passes the native error on',
    says: /^a backend that is down led to Error \(refused\)/,
    whenDown: async () => {
      throw new Error('refused')
    },
  },
  { case: 'unreachable/code', fault: 'waits for ever', says: /backend that is down did not settle/, whenDown: never },
  {
    case: 'unreachable/cause',
    fault: 'drops the native error',
    says: /cause is missing/,
    whenDown: async () => {
      throw new StoreError('UNAVAILABLE', 'nobody answers')
    },
  },
]
