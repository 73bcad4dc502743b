import { createHash } from 'node:crypto'
import type { TrafficEvent } from '@glance/client'
import type { Output } from './io.ts'

const SECRET_HEADERS = new Set(['x-auth-token', 'x-subject-token', 'x-service-token', 'authorization', 'set-cookie'])

/**
 * Writes traffic for `--debug`: requests as curl commands, answers as their heads.
 *
 * Secrets appear as `{SHA1}` and their hash, by which two of them can be told apart and neither can be used.
 */
export function debugLog(stderr: Output, token: string): (event: TrafficEvent) => void {
  return (event) => {
    const text = event.type === 'request' ? requestLine(event, token) : answerHead(event)
    stderr.write(`DEBUG: ${text}\n`)
  }
}

function requestLine(event: TrafficEvent & { type: 'request' }, token: string): string {
  const headers = Object.entries({ ...event.headers, 'x-auth-token': token })
  return [
    `curl -g -i -X ${event.method}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${shown(name, value)}`)}`),
    ...(event.body === null ? [] : [`-d ${quoted(event.body)}`]),
    quoted(event.url),
  ].join(' ')
}

function answerHead(event: TrafficEvent & { type: 'response' }): string {
  const headers = Object.entries(event.headers).map(([name, value]) => `\n${name}: ${shown(name, value)}`)
  return `HTTP ${event.status} ${event.statusText}${headers.join('')}\n`
}

function shown(name: string, value: string): string {
  if (!SECRET_HEADERS.has(name.toLowerCase())) return value
  return `{SHA1}${createHash('sha1').update(value).digest('hex')}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
