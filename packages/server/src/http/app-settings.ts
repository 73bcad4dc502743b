/** From a configuration to what the HTTP face is told at its start. */
import { healthSettings } from '../config/healthcheck.ts'
import type { FilterKind } from '../config/paste.ts'
import type { ConfigValues } from '../config/tables/groups.ts'
import type { AppSettings } from './app.ts'

/** @param filters - of the pipeline that runs */
export function appSettings(
  values: ConfigValues,
  { multiStore, filters }: { readonly multiStore: boolean; readonly filters: ReadonlySet<FilterKind> },
): AppSettings {
  const { DEFAULT: api, cors, oslo_middleware: middleware, glance_server: own } = values
  return {
    versions: { multiStore, cache: false },
    health: healthSettings(values.healthcheck).settings,
    publicEndpoint: api.publicEndpoint ?? null,
    trustsProxy: middleware.enableProxyHeadersParsing && filters.has('proxy headers'),
    cors: filters.has('cors') ? cors : null,
    gzip: own.gzip || filters.has('gzip'),
    anonymousAccess: api.allowAnonymousAccess,
    longestJson: middleware.maxRequestBodySize,
    maxRequestIdLength: api.maxRequestIdLength,
    clientTimeoutMs: api.clientSocketTimeout * 1000,
  }
}
