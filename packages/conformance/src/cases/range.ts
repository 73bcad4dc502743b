/** Reading parts of images. `Store` asks for them only when `randomRead` is declared. */
import type { Case } from '../case.ts'
import type { Lab } from '../lab.ts'

type Part = readonly [offset: number, length: number | null]

/** Reads parts of an image of a size that is no multiple of any block. */
async function readParts(lab: Lab, partsOf: (size: number) => readonly Part[], size = 300_001): Promise<void> {
  const data = lab.payload(Math.min(size, lab.maxBytes))
  const location = await lab.store.put(lab.id('parts'), data)
  for (const [offset, length] of partsOf(data.size)) await lab.store.read(location, data, { offset, length })
}

const needs = { randomRead: true } as const

export const rangeCases: readonly Case[] = [
  {
    id: 'range/offset',
    title: 'reads from an offset to the end',
    catches: 'an offset that is rounded to a block, or left out when no length is given',
    needs,
    run: (lab) =>
      readParts(lab, (size) => [
        [1, null],
        [65_536, null],
        [Math.floor(size / 2), null],
      ]),
  },
  {
    id: 'range/length',
    title: 'reads a number of bytes from the beginning',
    catches: 'a length taken for the size of a buffer, as the name chunk_size in glance_store suggests',
    needs,
    run: (lab) =>
      readParts(lab, (size) => [
        [0, 1],
        [0, 65_535],
        [0, 65_537],
        [0, Math.floor(size / 2)],
      ]),
  },
  {
    id: 'range/middle',
    title: 'reads a part from the middle, across the borders of blocks',
    catches: 'a length counted from the beginning of the image, or of the block',
    needs,
    run: (lab) =>
      readParts(lab, () => [
        [1, 2],
        [65_535, 2],
        [65_530, 131_085],
        [100_000, 1],
      ]),
  },
  {
    id: 'range/zero-length',
    title: 'gives an empty body for a length of 0',
    catches: 'length 0 taken for no length: the whole image instead of nothing',
    needs,
    run: (lab) =>
      readParts(lab, (size) => [
        [0, 0],
        [10, 0],
        [size, 0],
      ]),
  },
  {
    id: 'range/exact-end',
    title: 'reads a part that ends with the image',
    catches: 'an end that is counted as included, or not, in a header of the backend',
    needs,
    run: (lab) =>
      readParts(lab, (size) => [
        [0, size],
        [1, size - 1],
      ]),
  },
  {
    id: 'range/last-byte',
    title: 'reads the last byte alone',
    catches: 'an error of one byte at the end',
    needs,
    run: (lab) =>
      readParts(lab, (size) => [
        [size - 1, null],
        [size - 1, 1],
      ]),
  },
  {
    id: 'range/over-the-end',
    title: 'gives what there is when a length goes over the end',
    catches: 'an announced size of more bytes than come, or an error',
    needs,
    run: (lab) =>
      readParts(lab, (size) => [
        [0, size + 1],
        [size - 5, 100],
        [3, Number.MAX_SAFE_INTEGER],
      ]),
  },
  {
    id: 'range/past-the-end',
    title: 'gives an empty body for an offset at or past the end',
    catches: 'status 416 of a backend passed on as a failure, or a negative size',
    needs,
    run: (lab) =>
      readParts(lab, (size) => [
        [size, null],
        [size + 1, null],
        [size + 70_000, 10],
      ]),
  },
  {
    id: 'range/empty-image',
    title: 'gives an empty body for any part of an empty image',
    catches: 'a range that no backend satisfies when there are no bytes',
    needs,
    run: (lab) =>
      readParts(
        lab,
        () => [
          [0, 1],
          [0, null],
          [5, 5],
        ],
        0,
      ),
  },
  {
    id: 'range/at-once',
    title: 'serves several parts of one image at the same time',
    catches: 'a seek and a read that another reader comes between',
    needs,
    async run(lab) {
      const data = lab.payload(Math.min(1_000_001, lab.maxBytes))
      const location = await lab.store.put(lab.id('parts'), data)
      const step = Math.ceil(data.size / 8)
      const offsets = Array.from({ length: 8 }, (_, index) => index * step)
      await Promise.all(offsets.map((offset) => lab.store.read(location, data, { offset, length: step })))
    },
  },
]
