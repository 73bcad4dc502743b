/**
 * The HTTP face: hooks in their order, routes, and the one place where errors become answers.
 *
 * A request passes: version (the url is rewritten to `/v2`) → request id → identity (401) → context → rules for its body → handler. `/`, `/versions`, unknown versions and `/healthcheck` need no
 * identity.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Deps } from '@glance/service'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { type Authenticator, anonymous } from '../auth/identity.ts'
import type { HealthSettings } from '../config/healthcheck.ts'
import { inRequest } from '../observe/request-scope.ts'
import { answerError } from './answer-error.ts'
import { setContext } from './context.ts'
import { type CorsSettings, cors } from './cors.ts'
import { gzipPayload } from './gzip.ts'
import { healthcheck } from './healthcheck.ts'
import { HttpError, standardWords } from './http-error.ts'
import { baseUrl, originOf } from './origin.ts'
import { expectsContinue, hasBody, readJson } from './request-body.ts'
import { isIdTooLong, requestIdOf } from './request-id.ts'
import { imageActionRoutes } from './v2/image-actions.ts'
import { imageDataRoutes } from './v2/image-data.ts'
import { imageRoutes } from './v2/images.ts'
import { infoRoutes } from './v2/info.ts'
import { locationRoutes } from './v2/locations.ts'
import { memberRoutes } from './v2/members.ts'
import { metadefRoutes } from './v2/metadefs/index.ts'
import type { Route } from './v2/route.ts'
import { schemaRoutes } from './v2/schemas.ts'
import { tagRoutes } from './v2/tags.ts'
import { negotiate, type VersionSettings, versionsDocument } from './versions.ts'

/** What the HTTP face is told once, at the start. */
export interface AppSettings {
  readonly versions: VersionSettings
  readonly health: HealthSettings
  /** Base of links when users reach the API by another name than the request's; null to take the request's. */
  readonly publicEndpoint: string | null
  /** Whether a proxy in front says under which address requests came in. */
  readonly trustsProxy: boolean
  /** Null when browsers of other origins are no concern of this server. */
  readonly cors: CorsSettings | null
  /** Whether answers are compressed for those who take it. */
  readonly gzip: boolean
  /** Whether callers without a good token may look. */
  readonly anonymousAccess: boolean
  /** Longest JSON body in bytes. */
  readonly longestJson: number
  readonly maxRequestIdLength: number
  /** Longest silence of a client in milliseconds, 0 for ever. */
  readonly clientTimeoutMs: number
}

/** What the HTTP face works with. */
export interface AppInput {
  readonly deps: Deps
  readonly authenticator: Authenticator
  readonly settings: AppSettings
  readonly logger: FastifyBaseLogger
  /** Fires when running requests have to end. */
  readonly stopping: AbortSignal
}

/** Methods that a known path answers with 405 unless it has them. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const

/** Builds the application. It does not listen yet. */
export function buildApp(input: AppInput): FastifyInstance {
  const { settings } = input
  const app = Fastify({
    loggerInstance: input.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (raw) => requestIdOf(raw as IncomingMessage),
    rewriteUrl: (raw) => rewritten(raw as IncomingMessage, settings),
    routerOptions: { maxParamLength: 4096 },
    exposeHeadRoutes: false,
    // Image data take as long as they take; what ends a silent client is the socket's time-out.
    requestTimeout: 0,
    connectionTimeout: settings.clientTimeoutMs,
    http: { maxHeaderSize: 16_384, headersTimeout: 60_000 },
    frameworkErrors: (error, request, reply) =>
      answerError(error, request as FastifyRequest, reply as FastifyReply, input.authenticator.challenge),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    expectsContinue(request, response)
    app.routing(request, response)
  })
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, input.authenticator.challenge))
  if (settings.cors !== null) app.addHook('onRequest', cors(settings.cors))
  app.addHook('onRequest', (request, _reply, done) => inRequest(request.id, done))
  app.addHook('onRequest', async (request, reply) => {
    if (isIdTooLong(request.raw, settings.maxRequestIdLength))
      throw new HttpError(431, `The request id is longer than ${settings.maxRequestIdLength} characters.`)
    reply.header('x-openstack-request-id', request.id)
  })
  // WebOb names no charset for JSON, and so do Glance's answers.
  app.addHook('onSend', async (_request, reply) => {
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8')
      reply.header('content-type', 'application/json')
    if (input.stopping.aborted) reply.header('connection', 'close')
  })
  if (settings.gzip) app.addHook('onSend', gzipPayload)
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request
    request.log.info(
      {
        method,
        path: request.originalUrl.split('?')[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        from: originOf(request.raw, settings.trustsProxy).client,
      },
      'request',
    )
  })
  addOpenRoutes(app, settings)
  app.register(async (api) => addApiRoutes(api, input))
  app.setNotFoundHandler({ preHandler: identifies(input) }, async (request) => {
    throw (methods as readonly string[]).includes(request.method)
      ? new HttpError(404, standardWords[404])
      : new HttpError(501, standardWords[501])
  })
  return app
}

function rewritten(request: IncomingMessage, { versions, health }: AppSettings): string {
  const asked = negotiate(request.url ?? '/', request.headers.accept, versions, health.path)
  // The root answers every method with 300 and the versions document, as every unknown version does.
  return asked.kind === 'unknown version' ? '/' : asked.url
}

/** Routes that anybody may call. */
function addOpenRoutes(app: FastifyInstance, settings: AppSettings): void {
  const document = (request: FastifyRequest): string =>
    JSON.stringify(versionsDocument(settings.versions, baseUrl(request.raw, settings)))
  app.route({
    method: [...methods],
    url: '/',
    handler: async (request, reply) => reply.code(300).type('application/json').send(document(request)),
  })
  app.get('/versions', async (request, reply) => reply.type('application/json').send(document(request)))
  // As Glance's URL map does: the API begins behind the slash.
  app.route({
    method: [...methods],
    url: '/v2',
    handler: async (request, reply) =>
      reply
        .code(302)
        .header('location', `${baseUrl(request.raw, settings)}/v2/`)
        .type('text/plain; charset=utf8')
        .send(''),
  })
  const { path } = settings.health
  app.route({ method: ['GET', 'HEAD'], url: path, handler: healthcheck(settings.health) })
  refuseOtherMethods(app, path, ['GET', 'HEAD'])
}

function addApiRoutes(api: FastifyInstance, input: AppInput): void {
  const { deps, settings } = input
  api.addHook('onRequest', identifies(input))
  const routes: readonly Route[] = [
    ...imageRoutes(deps, (request) => baseUrl(request.raw, settings)),
    ...imageDataRoutes(deps, settings),
    ...imageActionRoutes(deps),
    ...tagRoutes(deps),
    ...memberRoutes(deps),
    ...schemaRoutes(deps),
    ...infoRoutes(deps),
    ...metadefRoutes(deps, (request) => baseUrl(request.raw, settings)),
    ...locationRoutes(deps),
  ]
  for (const route of routes) {
    api.route({
      method: route.method,
      url: route.path,
      preHandler: async (request) => {
        if (route.body === 'none' && hasBody(request.raw))
          throw new HttpError(400, 'A body is not expected with this request.')
        if (route.body === 'json') {
          route.check?.(request)
          request.body = await readJson(request.raw, settings.longestJson)
        }
      },
      handler: route.handle,
    })
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const served = routes.filter((route) => route.path === path).map((route) => route.method)
    const told = toldMethods[path] ?? served
    if (told.length > 0) refuseOtherMethods(api, path, served, told)
  }
}

/** What Glance tells in `Allow` where it is not what the path has. Where it is nothing, other methods are answered with 404. */
const toldMethods: Readonly<Record<string, readonly string[]>> = {
  '/v2/images/:imageId/tasks': [],
  '/v2/info/usage': [],
}

/** Answers 405 with `Allow` for the methods that a path does not have. */
function refuseOtherMethods(
  app: FastifyInstance,
  path: string,
  served: readonly string[],
  told: readonly string[] = served,
): void {
  app.route({
    method: methods.filter((method) => !served.includes(method)),
    url: path,
    handler: async (request) => {
      throw new HttpError(405, `The method ${request.method} is not allowed for this resource.`, {
        headers: { allow: told.join(', ') },
      })
    },
  })
}

/** The hook that finds out who asks. */
function identifies({
  authenticator,
  deps,
  settings,
  stopping,
}: AppInput): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const { headers } = request
    const left = new AbortController()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) left.abort(new Error('the client has left'))
    })
    const signal = AbortSignal.any([left.signal, stopping])
    const known = await authenticator.identify(tokenOf(headers['x-auth-token'] ?? headers['x-storage-token']), {
      serviceToken: tokenOf(headers['x-service-token']),
      method: request.method,
      path: request.originalUrl.split('?')[0] ?? '',
      signal,
    })
    const identity = known ?? (settings.anonymousAccess ? anonymous : null)
    if (!identity)
      throw new HttpError(
        401,
        'This server could not verify that you are authorized to access the document you requested.',
      )
    setContext(request, identity, signal, deps.enforcer)
  }
}

function tokenOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header.trim() : null
}
