import { join } from 'node:path'
import { type DestinationStream, destination, type Logger, pino } from 'pino'
import { errorFields } from './error-fields.ts'

/** Where the log goes and how much it says. */
export interface LogSettings {
  readonly debug: boolean
  /** Path of a file, or null for standard error. */
  readonly file: string | null
}

/** Settings of the log from options of `[DEFAULT]`. */
export function logSettings({
  debug,
  logFile,
  logDir,
}: {
  debug: boolean
  logFile?: string | undefined
  logDir?: string | undefined
}): LogSettings {
  const file = logFile === undefined ? null : logDir === undefined ? logFile : join(logDir, logFile)
  return { debug, file }
}

/**
 * The server's log: one JSON object a line, with a time, a level and an event.
 *
 * Tokens never reach it: headers are not logged, and members of these names are cut wherever somebody logs an object that has them.
 */
export function createLogger({ debug, file }: LogSettings, sink?: DestinationStream): Logger {
  return pino(
    {
      level: debug ? 'debug' : 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'event',
      redact: { paths: ['token', '*.token', 'password', '*.password', 'headers', '*.headers'], censor: '***' },
      serializers: { err: errorFields },
    },
    sink ?? destination({ dest: file ?? 2, sync: file === null, mkdir: true }),
  )
}
