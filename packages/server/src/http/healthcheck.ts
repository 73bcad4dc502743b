import { existsSync } from 'node:fs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { escapeHtml } from './error-reply.ts'

/** Settings of `[healthcheck]`. */
export interface HealthSettings {
  readonly disableByFilePath: string
}

/** `GET /healthcheck`: 200 `OK`, or 503 while the operator's file takes the server out of service. HEAD answers 204 or 503 without a body. */
export function healthcheck(
  settings: HealthSettings,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    const disabled = existsSync(settings.disableByFilePath)
    const reason = disabled ? 'DISABLED BY FILE' : 'OK'
    if (request.method === 'HEAD') return reply.code(disabled ? 503 : 204).send()
    reply.code(disabled ? 503 : 200)
    const accept = request.headers.accept ?? ''
    if (accept.includes('application/json'))
      return reply.type('application/json').send(JSON.stringify({ detailed: false, reasons: [reason] }))
    if (accept.includes('text/html'))
      return reply.type('text/html; charset=UTF-8').send(`<html><body>${escapeHtml(reason)}</body></html>`)
    return reply.type('text/plain; charset=UTF-8').send(reason)
  }
}
