/** Storing image data: every size, every shape of chunk, and what the answer says. */
import { schemeOf } from '@glance/core'
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import type { Lab } from '../lab.ts'
import { Source, type SourceScript } from '../sources.ts'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** Stores and reads back one image of each size that is allowed here, with its size announced or not. */
async function roundTrip(
  lab: Lab,
  sizes: readonly number[],
  { announced = true, ...script }: SourceScript & { readonly announced?: boolean } = {},
): Promise<void> {
  for (const size of sizes.filter((each) => each <= lab.maxBytes)) {
    const data = lab.payload(size)
    const how = announced ? {} : { size: null }
    const added = await lab.store.add(lab.id(`of-${size}`), new Source(data, script), how)
    await lab.store.read(added.location, data)
  }
}

export const addCases: readonly Case[] = [
  {
    id: 'add/empty',
    title: 'stores an empty image',
    catches: 'size 0 taken for an unknown size, or an upload without parts that the backend refuses (LP 2124829)',
    needs: { add: true },
    run: (lab) => roundTrip(lab, [0]),
  },
  {
    id: 'add/one-byte',
    title: 'stores an image of one byte',
    catches: 'a last part that is dropped because it is short',
    needs: { add: true },
    run: (lab) => roundTrip(lab, [1]),
  },
  {
    id: 'add/odd-size',
    title: 'stores images of odd sizes',
    catches: 'padding to sectors or words that stays in the data',
    needs: { add: true, bytes: 513 },
    run: (lab) => roundTrip(lab, [513, 12_345]),
  },
  {
    id: 'add/around-64-kib',
    title: 'stores images one byte below, at and above 64 KiB',
    catches: 'an error of one byte at the border of a read buffer',
    needs: { add: true, bytes: 64 * kibibyte },
    run: (lab) => roundTrip(lab, [64 * kibibyte - 1, 64 * kibibyte, 64 * kibibyte + 1], { chunkBytes: 10_000 }),
  },
  {
    id: 'add/around-1-mib',
    title: 'stores images one byte below, at and above 1 MiB',
    catches: 'an error of one byte at the border of a part or block',
    needs: { add: true, bytes: mebibyte },
    run: (lab) => roundTrip(lab, [mebibyte - 1, mebibyte, mebibyte + 1], { chunkBytes: 300_000 }),
  },
  {
    id: 'add/several-mib',
    title: 'stores an image of several MiB',
    catches: 'parts that are put together in the wrong order, or only the first of them',
    needs: { add: true, bytes: 2 * mebibyte },
    run: (lab) => roundTrip(lab, [lab.severalMiB], { chunkBytes: 256 * kibibyte }),
  },
  {
    id: 'add/unknown-size',
    title: 'stores images whose size is not announced',
    catches: 'data cut off at a first guess of the size, or padding left behind it (LP 2043740, 1792710)',
    needs: { add: true },
    run: (lab) => roundTrip(lab, [1, 70_001, lab.severalMiB], { announced: false }),
  },
  {
    id: 'add/unknown-empty',
    title: 'stores an empty image whose size is not announced',
    catches: 'an upload in parts that ends without a single part',
    needs: { add: true },
    run: (lab) => roundTrip(lab, [0], { announced: false }),
  },
  {
    id: 'add/tiny-chunks',
    title: 'stores data that come in thousands of tiny chunks',
    catches: 'a write for each chunk that is not waited for, or regrouping that loses what does not fill a block',
    needs: { add: true, bytes: 15_001 },
    run: (lab) => roundTrip(lab, [15_001], { chunkBytes: (index) => 1 + (index % 7) }),
  },
  {
    id: 'add/large-chunk',
    title: 'stores data that come in one large chunk',
    catches:
      'a chunk longer than the own buffer, of which only the beginning is stored; a short write taken for a whole one',
    needs: { add: true, bytes: mebibyte },
    run: (lab) => roundTrip(lab, [lab.severalMiB], { chunkBytes: lab.severalMiB }),
  },
  {
    id: 'add/zeros',
    title: 'stores runs of zeros, at the end of the data too',
    catches: 'thin provisioning that leaves the last hole out or puts data behind a hole in the wrong place',
    needs: { add: true, bytes: 8 * 64 * kibibyte },
    async run(lab) {
      const data = lab.payload(8 * 64 * kibibyte, { sparse: true })
      const { location } = await lab.store.add(lab.id('zeros'), data)
      await lab.store.read(location, data)
    },
  },
  {
    id: 'add/reports-size',
    title: 'answers with the number of bytes written',
    catches: 'the announced size given back, which is null or wrong when nothing was announced',
    needs: { add: true },
    async run(lab) {
      for (const announced of [true, false]) {
        const data = lab.payload(Math.min(20_001, lab.maxBytes))
        const { size } = await lab.store.add(lab.id(`size-${announced}`), data, announced ? {} : { size: null })
        must(size === data.size, `add answered with size ${size} for ${data.size} bytes`)
      }
    },
  },
  {
    id: 'add/reads-once',
    title: 'reads the data once and to their end',
    catches:
      'counting or hashing in a pass of its own before the upload; leaving before the end, so that digests stay incomplete',
    needs: { add: true },
    async run(lab) {
      const source = new Source(lab.payload(Math.min(100_000, lab.maxBytes)))
      await lab.store.add(lab.id('once'), source)
      must(source.ended, `the driver left after ${source.given} bytes without asking for the end`)
    },
  },
  {
    id: 'add/metadata',
    title: 'answers with metadata of strings, lists and objects',
    catches: 'numbers, null or functions in the metadata, which the database cannot keep',
    needs: { add: true },
    async run(lab) {
      const { metadata } = await lab.store.add(lab.id('metadata'), lab.payload(1))
      must(isPlainObject(metadata), 'the metadata are no object')
      must(isMetadata(metadata), `the metadata hold something else: ${JSON.stringify(metadata)}`)
    },
  },
  {
    id: 'add/location-form',
    title: 'answers with a location that is a URI of its scheme',
    catches: 'a location that another part of the service cannot parse: blanks, a missing or foreign scheme',
    needs: { add: true },
    async run(lab) {
      const { location } = await lab.store.add(lab.id('location'), lab.payload(1))
      const { schemes } = lab.harness.definition
      const scheme = schemeOf(location)
      must(schemes.includes(scheme), `the location's scheme ${scheme} is none of ${schemes.join(', ')}`)
    },
  },
  {
    id: 'add/location-prefix',
    title: 'answers with a location that begins with one of its prefixes',
    catches: 'a prefix that fell out of step with the locations',
    needs: { add: true },
    async run(lab) {
      const { location } = await lab.store.add(lab.id('prefix'), lab.payload(1))
      const { locationPrefixes } = lab.store.driver
      const own = locationPrefixes.some((prefix) => location.startsWith(prefix))
      must(own, `the location ${location} begins with none of ${locationPrefixes.join(', ')}`)
    },
  },
  {
    id: 'add/location-secret',
    title: 'answers with a location that holds no credential',
    catches: 'keys in locations, which end up in the database and in answers to users (LP 2047688)',
    needs: { add: true },
    async run(lab) {
      const { location } = await lab.store.add(lab.id('secret'), lab.payload(1))
      // An empty pair is none; glance_store cannot read a location of S3 without one.
      must(
        !/^[^/]*:\/\/(?!:@)[^/?#]*:[^/?#]*@/.test(location),
        'the location has a user and a password in front of its host',
      )
      for (const secret of lab.secretsOf(lab.store.options)) {
        const shown = location.includes(secret) || location.includes(encodeURIComponent(secret))
        must(!shown, 'the location holds the value of a secret option')
      }
    },
  },
  {
    id: 'add/longest-id',
    title: 'takes an image id of 255 characters',
    catches: 'a suffix for unfinished uploads that makes the name longer than the backend allows',
    needs: { add: true },
    async run(lab) {
      const data = lab.payload(100)
      const { location } = await lab.store.add(lab.id('l').padEnd(255, 'x'), data)
      await lab.store.read(location, data)
    },
  },
  {
    id: 'add/similar-ids',
    title: 'keeps images apart whose ids differ little',
    catches: 'names that are folded to lower case, cleaned of dots, or collide with the parts of another image',
    needs: { add: true },
    async run(lab) {
      const stem = lab.id('a')
      const ids = [stem, stem.toUpperCase(), `${stem}.b`, `${stem}..b`, `${stem}_b`, `${stem}-b`, `${stem}-00001`]
      const stored: [string, ReturnType<Lab['payload']>][] = []
      for (const id of ids) {
        const data = lab.payload(50)
        stored.push([(await lab.store.add(id, data)).location, data])
      }
      for (const [location, data] of stored) await lab.store.read(location, data)
    },
  },
  {
    id: 'add/durable',
    title: 'finds data again after it was closed and opened',
    catches: 'an index in memory only; data acknowledged before the backend has them',
    needs: { add: true, volatile: false },
    async run(lab) {
      const data = lab.payload(Math.min(100_000, lab.maxBytes))
      const { location } = await lab.store.add(lab.id('durable'), data)
      await lab.store.close()
      const again = await lab.openWith(lab.store.options)
      await again.read(location, data)
    },
  },
  {
    id: 'add/volatile',
    title: 'has nothing at the locations of an earlier life, when data end with the store',
    catches: 'locations that are given again, so that an old record shows the data of another image',
    needs: { add: true, volatile: true },
    async run(lab) {
      const { location } = await lab.store.add(lab.id('volatile'), lab.payload(100))
      await lab.store.close()
      const again = await lab.openWith(lab.store.options)
      await again.add(lab.id('other'), lab.payload(100))
      await again.hasNothingAt(location, ['NOT_FOUND', 'INVALID_LOCATION'])
    },
  },
]

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isMetadata(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isMetadata)
  return typeof value === 'string' || (isPlainObject(value) && Object.values(value).every(isMetadata))
}
