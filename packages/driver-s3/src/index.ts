/** Keeps image data in Amazon S3 and compatible object stores, for the glance-server image service. */
import { type DriverDefinition, defineDriver } from '@glance/core'
import { S3Driver, type S3World } from './driver.ts'
import { schemes } from './location.ts'
import { s3Options } from './options.ts'

export type { S3World } from './driver.ts'
export { type S3OptionInput, type S3Options, s3Options } from './options.ts'

/** The s3 driver, in a world of its own when a test gives one. The aliases are the class paths under which Glance's files may name it. */
export function s3Driver(world: S3World = {}): DriverDefinition<typeof s3Options> {
  return defineDriver({
    name: 's3',
    schemes,
    aliases: ['glance.store.s3.Store', 'glance_store._drivers.s3.Store'],
    options: s3Options,
    open: (options, context) => S3Driver.open(options, context, world),
  })
}

const definition: DriverDefinition<typeof s3Options> = s3Driver()

export default definition
