/**
 * Where a driver or a layer reports what it did: an event with fields.
 *
 * The shape is the one of pino, so the server hands its own logger down. Fields carry no secret and no full location. Drivers log at
 * debug; whatever an operator has to act on is an error that rises, not a log line.
 */
export interface Logger {
  debug(fields: object, event: string): void
  info(fields: object, event: string): void
  warn(fields: object, event: string): void
  error(fields: object, event: string): void
}

const nothing = (): void => {}

/** A logger that drops everything. */
export const noopLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
