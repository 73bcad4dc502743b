/** A process that takes the lock named by its argument, says so, and keeps it until it is killed. */
import { acquireLock } from '../../src/exclusive-lock.ts'

const lock = acquireLock(process.argv[2] ?? '')
process.stdout.write(lock === null ? 'busy\n' : 'held\n')
setInterval(() => lock, 60_000)
