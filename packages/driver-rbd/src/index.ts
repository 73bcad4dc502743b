/** Keeps image data in RBD images of a Ceph cluster. The default export is the driver's definition. */
import { setTimeout } from 'node:timers/promises'
import { type DriverDefinition, defineDriver } from '@glance/core'
import { type Connect, Connecting } from './connecting.ts'
import { RbdDriver } from './driver.ts'
import { connectLibrbd } from './librbd.ts'
import { scheme } from './location.ts'
import { rbdOptions } from './options.ts'

export type { Connect } from './connecting.ts'
export { type RbdOptions, rbdOptions } from './options.ts'
export {
  type RbdClient,
  type RbdConnectSettings,
  RbdError,
  type RbdImage,
  type RbdOpen,
} from './rbd-client.ts'

/** Makes the driver over a way to reach Ceph: librados and librbd, or whatever else implements `RbdClient`. */
export function rbdDriver(connect: Connect = connectLibrbd): DriverDefinition<typeof rbdOptions> {
  const connecting = new Connecting(connect)
  return defineDriver({
    name: 'rbd',
    schemes: [scheme],
    // The names under which Glance's configurations know it.
    aliases: ['glance.store.rbd.Store', 'glance_store._drivers.rbd.Store', 'glance_store._drivers.rbd:Store'],
    options: rbdOptions,
    open: (options, context) => RbdDriver.open(options, context, { connecting, pause }),
  })
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal })
}

/** The RBD driver. */
const definition: DriverDefinition<typeof rbdOptions> = rbdDriver()

export default definition
