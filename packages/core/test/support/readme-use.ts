import { createReadStream } from 'node:fs'
import { isStoreError, Store } from '@glance/core'
import shelf from './readme-driver.ts'

await using store = await Store.open(shelf, { room: 'cellar' }, { id: 'slow' })

const stored = await store.add('cirros', createReadStream('cirros.img'), { limit: 2 ** 20 })
console.log(stored.location, stored.size, stored.checksum, stored.hashAlgorithm, stored.hashValue)

for await (const chunk of (await store.get(stored.location, { offset: 2 })).body) console.log(chunk.byteLength)

try {
  await store.delete('shelf://cellar/debian')
} catch (error) {
  if (isStoreError(error) && error.code === 'NOT_FOUND') console.log('not there', error.context)
  else throw error
}
