/** The memory of chunks, which belongs to the driver only until it asks for the next one. */
import type { Case } from '../case.ts'
import type { Lab } from '../lab.ts'
import { Source, type SourceScript } from '../sources.ts'

async function storeAs(lab: Lab, script: SourceScript): Promise<void> {
  for (const size of [null, undefined]) {
    const data = lab.payload(Math.min(300_001, lab.maxBytes))
    const source = new Source(data, { chunkBytes: 30_000, ...script })
    const added = await lab.store.add(lab.id(`chunks-${size}`), source, size === null ? { size } : {})
    await lab.store.read(added.location, data)
  }
}

export const chunkCases: readonly Case[] = [
  {
    id: 'chunks/reused',
    title: 'stores the right bytes although the memory of a chunk is filled again when the next one is asked for',
    catches: 'chunks kept by reference: gathered into a part, or still being written when the next one comes',
    needs: { add: true },
    run: (lab) => storeAs(lab, { reuse: true }),
  },
  {
    id: 'chunks/shared',
    title: 'takes chunks that lie in shared memory',
    catches: 'an API of the platform that refuses shared memory (fetch, Blob, Web Crypto)',
    needs: { add: true },
    run: (lab) => storeAs(lab, { shared: true }),
  },
  {
    id: 'chunks/window',
    title: 'takes chunks that are a window of a larger buffer',
    catches: 'use of chunk.buffer without its offset and length',
    needs: { add: true },
    run: (lab) => storeAs(lab, { window: true }),
  },
]
