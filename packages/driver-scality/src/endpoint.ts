import { StoreError } from '@glance/core'

/** One connector, as requests reach it. */
export interface Endpoint {
  /** `http://host:port`. */
  readonly origin: string
  /** Path below which the names are, without a slash at its end: `/proxy/chord_path`. */
  readonly path: string
  /** Last segment of the path: the name that the operator gave the ring's driver. */
  readonly alias: string
}

/**
 * Reads the list of connectors. Blank entries are passed over, as a comma at the end of the list makes one.
 *
 * @throws StoreError BAD_CONFIGURATION when there is none, or one is no plain URL; a password in it is not repeated
 */
export function parseEndpoints(texts: readonly string[]): readonly Endpoint[] {
  const endpoints = texts.filter((text) => text.trim() !== '').map((text) => parseEndpoint(text.trim()))
  if (endpoints.length === 0) throw problem('names no connector')
  return endpoints.filter(
    (endpoint, index) =>
      endpoints.findIndex(({ origin, path }) => origin === endpoint.origin && path === endpoint.path) === index,
  )
}

function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw problem('has an entry that is no http or https URL')
  if (url.username !== '' || url.password !== '')
    throw problem('has credentials in a URL; use scality_sproxyd_username and scality_sproxyd_password')
  if (url.search !== '' || url.hash !== '' || url.pathname.includes(';'))
    throw problem(`has a URL with parameters, a query or a fragment, at ${url.host}`)
  const path = url.pathname.replace(/\/+$/, '')
  return { origin: url.origin, path, alias: path.slice(path.lastIndexOf('/') + 1) }
}

function problem(words: string): StoreError {
  return new StoreError('BAD_CONFIGURATION', `scality_sproxyd_endpoints ${words}`)
}
