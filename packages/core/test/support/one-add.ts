/** A program that stores one image, or fails to when it is called with `broken`, and then has nothing more to do. */
import { failingAfter, inChunks } from './sources.ts'
import { openToy } from './toy-driver.ts'

const { store } = await openToy()
const bytes = new Uint8Array(3)
const data = process.argv[2] === 'broken' ? failingAfter(bytes, new Error('gone')) : inChunks(bytes, 2)
const outcome = await store.add('image', data).then(({ size }) => `stored ${size} bytes`, String)
process.stdout.write(`${outcome}\n`)
