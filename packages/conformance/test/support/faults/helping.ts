/** Toys that are wrong in what a backend does by itself: `copy/` and `direct-url/`. */
import { StoreError } from '@glance/core'
import type { Fault } from '../breaking.ts'
import { type Break, backend, originUrl, type Toy } from '../toy.ts'

type Copy = Toy['copy']

const copying =
  (copy: (toy: Toy, ...given: Parameters<Copy>) => ReturnType<Copy>): Break =>
  (toy) => ({ copy: (...given) => copy(toy, ...given) })

/** Says that it copied, and stores what it likes. */
const storing = (change: (bytes: Uint8Array) => Uint8Array): Break =>
  copying(async (toy, imageId, source, options) => {
    const result = await toy.copy(imageId, source, options)
    const path = toy.pathOf(imageId)
    backend.set(path, change(backend.get(path) ?? new Uint8Array()))
    return result
  })

/** Takes the location of the source for its own. */
const referring = copying(async (_toy, _imageId, { location, size }) => ({ location, size, metadata: {} }))

export const faultsOfHelping: readonly Fault[] = [
  { case: 'copy/small', fault: 'refers to the source instead of copying', says: /location of what/, breaks: referring },
  {
    case: 'copy/small',
    fault: 'declares what it has not',
    says: /no such method/,
    breaks: () => ({ copy: undefined }) as never,
  },
  {
    case: 'copy/small',
    fault: 'cannot copy from its like',
    says: /cannot be copied from/,
    breaks: copying(async () => null),
  },
  {
    case: 'copy/several-mib',
    fault: 'copies the first MiB',
    says: /ended after 1048576 of/,
    breaks: storing((bytes) => bytes.slice(0, 1_048_576)),
  },
  {
    case: 'copy/empty',
    fault: 'finds nothing in an empty image',
    says: /NOT_FOUND/,
    breaks: copying(async (toy, imageId, source, options) => {
      if (source.size === 0) throw new StoreError('NOT_FOUND', 'no bytes')
      return toy.copy(imageId, source, options)
    }),
  },
  {
    case: 'copy/taken',
    fault: 'writes over what is there',
    says: /went well/,
    breaks: copying(async (toy, imageId, source, options) => {
      backend.delete(toy.pathOf(imageId))
      return toy.copy(imageId, source, options)
    }),
  },
  {
    case: 'copy/missing',
    fault: 'makes an empty image of nothing',
    says: /went well/,
    breaks: copying(async (toy, imageId) => {
      backend.set(toy.pathOf(imageId), new Uint8Array())
      return { location: toy.locationPrefixes[0] + imageId, size: 100, metadata: {} }
    }),
  },
  {
    case: 'copy/missing',
    fault: 'begins before it looks',
    says: /left something behind/,
    breaks: copying(async (toy, imageId, source, options) => {
      backend.set(`${toy.pathOf(imageId)}#part`, new Uint8Array())
      return toy.copy(imageId, source, options)
    }),
  },
  {
    case: 'direct-url/reads',
    fault: 'gives a URL that nobody may read',
    says: /answers 404/,
    breaks: () => ({ directUrl: () => originUrl('/nowhere') }),
  },
  {
    case: 'direct-url/missing',
    fault: 'signs for whatever is asked',
    says: /went well/,
    breaks: (toy) => ({ directUrl: (location) => originUrl(toy.pathAt(location)) }),
  },
]
