/** An emulator of Scality's sproxyd, for trying drivers and for tests. */
export type { ConfForm } from './conf.ts'
export { type EmulatorSettings, type SeenRequest, SproxydEmulator } from './emulator.ts'
export type { Fault, FaultAction } from './faults.ts'
export type { Ring, RingObject } from './ring.ts'
