/**
 * `GET /healthcheck`: 200, or 503 with the reason. HEAD answers 204 or 503 without a body.
 *
 * What is looked at are files, as oslo.middleware does for Glance: one that takes the server out of service while it is there, others that do while they are missing.
 */
import { access } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HealthSettings } from '../config/healthcheck.ts'
import { acceptable } from './accept.ts'
import { type CheckResult, htmlHealth, jsonHealth } from './health-body.ts'
import { HttpError, standardWords } from './http-error.ts'

const proxyHeaders = [
  'forwarded',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-for',
  'x-forwarded-prefix',
] as const

/** The handler. Whom it ignores it answers as if the path were not there. */
export function healthcheck(
  settings: HealthSettings,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    if (isIgnored(settings, request)) throw new HttpError(404, standardWords[404])
    const results = await runChecks(settings, request.socket.localPort ?? 0)
    const healthy = results.every(({ available }) => available)
    if (request.method === 'HEAD') return reply.code(healthy ? 204 : 503).send()
    reply.code(healthy ? 200 : 503)
    switch (bodyType(request.headers.accept)) {
      case 'application/json':
        return reply.type('application/json').send(jsonHealth(results, settings.detailed))
      case 'text/html':
        return reply.type('text/html; charset=UTF-8').send(htmlHealth(results, settings.detailed))
      default:
        return reply.type('text/plain; charset=UTF-8').send(results.map(({ reason }) => reason).join('\n'))
    }
  }
}

function bodyType(accept: string | undefined): string | undefined {
  const offers = ['text/plain', 'text/html', 'application/json']
  return accept === undefined ? offers[0] : acceptable(accept, offers)[0]
}

function isIgnored({ allowedSources, ignoreProxied }: HealthSettings, request: FastifyRequest): boolean {
  if (ignoreProxied && proxyHeaders.some((name) => request.headers[name] !== undefined)) return true
  if (allowedSources === null) return false
  // A dual-stack socket shows IPv4 as ::ffff:10.0.0.1.
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=[\d.]+$)/, '')
  if (address === '') return true
  return !allowedSources.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
}

async function runChecks(settings: HealthSettings, port: number): Promise<readonly CheckResult[]> {
  const { disableByFile, disableByFilesPorts, enableByFiles } = settings
  const results: CheckResult[] = []
  if (disableByFile !== null) results.push(await unlessThere(disableByFile))
  if (disableByFilesPorts !== null) {
    const path = disableByFilesPorts.get(port)
    results.push(path === undefined ? { available: true, reason: 'OK', details: '' } : await unlessThere(path))
  }
  if (enableByFiles !== null) results.push(await ifAllThere(enableByFiles))
  return results
}

async function unlessThere(path: string): Promise<CheckResult> {
  return (await exists(path))
    ? { available: false, reason: 'DISABLED BY FILE', details: `Path '${path}' was found` }
    : { available: true, reason: 'OK', details: `Path '${path}' was not found` }
}

async function ifAllThere(paths: readonly string[]): Promise<CheckResult> {
  for (const path of paths) {
    if (!(await exists(path)))
      return { available: false, reason: 'FILE PATH MISSING', details: `File path ${path} is missing` }
  }
  return { available: true, reason: 'OK', details: 'Specified file paths are available' }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
