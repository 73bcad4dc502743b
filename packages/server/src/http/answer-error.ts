import { isStoreError } from '@glance/core'
import { ServiceError } from '@glance/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthenticationUnavailableError } from '../auth/identity.ts'
import { errorBody } from './error-reply.ts'
import { reasons, type Status, serviceStatus, storeStatus } from './error-table.ts'
import { HttpError, standardWords, unsupportedMedia } from './http-error.ts'
import { lingerAfterAnswer } from './request-body.ts'

interface Answer {
  readonly status: Status
  readonly message: string
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Turns whatever a handler threw into an answer, and logs what an operator has to know.
 *
 * What nobody classified is a 500 whose cause is in the log alone. When the head of the response is out already, the connection is ended.
 */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, challenge: string): void {
  const answer = classify(error, request)
  if (answer.status >= 500) request.log.error({ err: error, status: answer.status }, 'request failed')
  else request.log.debug({ err: error, status: answer.status }, 'request refused')
  if (reply.raw.headersSent) {
    reply.raw.destroy()
    return
  }
  reply.raw.statusMessage = reasons[answer.status]
  for (const [name, value] of Object.entries(answer.headers)) reply.header(name, value)
  if (answer.status === 401) reply.header('www-authenticate', challenge)
  lingerAfterAnswer(request.raw, reply.raw)
  const { contentType, body } = errorBody(answer.status, answer.message, answer.detail, request.headers.accept)
  reply
    .code(answer.status)
    .type(contentType)
    .send(request.method === 'HEAD' ? '' : body)
}

function classify(error: unknown, request: FastifyRequest): Answer {
  if (error instanceof HttpError)
    return { status: error.status, message: error.message, detail: error.detail, headers: error.headers }
  if (error instanceof ServiceError) {
    const { message, detail } = error.code === 'RANGE' ? { message: standardWords[416], detail: error.message } : error
    return { status: serviceStatus[error.code], message, detail, headers: {} }
  }
  if (error instanceof AuthenticationUnavailableError) return plain(503, error.message)
  if (isStoreError(error)) return plain(storeStatus[error.code].status, storeStatus[error.code].message)
  // Fastify's own refusals of malformed requests carry a status.
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 415) return classify(unsupportedMedia(request), request)
  if (typeof status === 'number' && status >= 400 && status < 500) return plain(400, 'The request is malformed.')
  return plain(500, standardWords[500])
}

function plain(status: Status, message: string): Answer {
  return { status, message, detail: '', headers: {} }
}
