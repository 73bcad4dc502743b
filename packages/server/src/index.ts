/** The image server as a library: configuration in, a running server out. */

export type { Authenticator, Identity } from './auth/identity.ts'
export { type ConfigRequest, loadConfig, type ServerConfig } from './config/load.ts'
export { ConfigError, type ConfigProblem } from './config/problem.ts'
export { type ConfigValues, serverOptionGroups } from './config/tables/groups.ts'
export { createLogger, type LogSettings } from './observe/log.ts'
export { type Access, DataFolderBusyError, type RunningServer, startServer } from './server.ts'
