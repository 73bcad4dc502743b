/** The `glance` command as a function, for programs that embed it. */
export type { Io, Output } from './io.ts'
export { run } from './run.ts'
