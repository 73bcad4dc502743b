import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * The id of a request: the caller's own (`X-Openstack-Request-Id`) with `req-` in front if it is missing, else a new one.
 *
 * Characters that no id has are dropped, so that an id is safe in a header, a log and a terminal.
 */
export function requestIdOf(request: IncomingMessage): string {
  const given = sentId(request)
    .replace(/[^A-Za-z0-9._:-]/g, '')
    .slice(0, 4096)
  if (given === '') return `req-${randomUUID()}`
  return given.startsWith('req-') ? given : `req-${given}`
}

/** Whether the caller's id is over the limit (431); 0 means no limit. */
export function isIdTooLong(request: IncomingMessage, limit: number): boolean {
  return limit > 0 && sentId(request).length > limit
}

function sentId(request: IncomingMessage): string {
  const header = request.headers['x-openstack-request-id']
  return typeof header === 'string' ? header : ''
}
