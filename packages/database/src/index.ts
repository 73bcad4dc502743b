/** Image records in Glance's own database schema. SQLite in this release. */

export { Database, type DatabaseSettings, openDatabase } from './connect.ts'
export { DatabaseSetupError } from './errors.ts'
export { acquireLock, type Lock } from './exclusive-lock.ts'
