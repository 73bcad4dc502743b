/** An emulator of a Datera system, for trying drivers and for tests. It needs tgtd (Debian: tgt). */
export { DateraEmulator, type EmulatorSettings, type SeenRequest } from './emulator.ts'
export type { Fault, FaultAction } from './faults.ts'
