/** Promises of the public types, checked by the type checker alone. */
import {
  bytes,
  choice,
  defineDriver,
  flag,
  integer,
  list,
  type OptionValues,
  optionTable,
  secret,
  text,
} from '../src/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <T extends true>(_proof?: T): void => {}

const table = optionTable({
  bucket: text({ required: true, help: 'Bucket.' }),
  key: secret({ help: 'Key.' }),
  partSize: bytes({ default: '10MiB', help: 'Part size.' }),
  parts: integer({ default: 4, min: 1, help: 'Parts.' }),
  style: choice(['auto', 'path'], { default: 'auto', help: 'Style.' }),
  create: flag({ default: false, help: 'Create.' }),
  hosts: list({ default: [], help: 'Hosts.' }),
})

holds<
  Equal<
    OptionValues<typeof table>,
    {
      readonly bucket: string
      readonly key: string | undefined
      readonly partSize: number
      readonly parts: number
      readonly style: 'auto' | 'path'
      readonly create: boolean
      readonly hosts: readonly string[]
    }
  >
>()

defineDriver({
  name: 'typed',
  schemes: ['typed'],
  options: table,
  async open(options) {
    holds<Equal<typeof options.partSize, number>>()
    throw new Error(options.bucket)
  },
})
