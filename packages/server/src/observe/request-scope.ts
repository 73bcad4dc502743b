import { AsyncLocalStorage } from 'node:async_hooks'
import type { Logger } from '@glance/core'

/** The id of the request that the running code works for, wherever it was called from. */
const scope = new AsyncLocalStorage<string>()

/** Runs something for a request: what it logs, however deep, carries the request's id. */
export function inRequest<T>(requestId: string, run: () => T): T {
  return scope.run(requestId, run)
}

/** A logger for code that knows no requests: its lines carry the id of the request they belong to, if there is one. */
export function requestAware(logger: Logger): Logger {
  const withId = (fields: object): object => {
    const reqId = scope.getStore()
    return reqId === undefined ? fields : { reqId, ...fields }
  }
  return {
    debug: (fields, event) => logger.debug(withId(fields), event),
    info: (fields, event) => logger.info(withId(fields), event),
    warn: (fields, event) => logger.warn(withId(fields), event),
    error: (fields, event) => logger.error(withId(fields), event),
  }
}
