import type { KeystoneConnection } from './connection.ts'
import { KeystoneError } from './errors.ts'
import { type CatalogService, listOf, member, service } from './token-body.ts'

/** Which endpoint is wanted. */
export interface EndpointWish {
  /** Such as `image`. */
  readonly serviceType: string
  /** `public` (the default), `internal` or `admin`; the old `publicURL` and so on mean the same. Several are tried in order. */
  readonly interface?: string | readonly string[] | undefined
  /** Any region when absent. */
  readonly region?: string | undefined
}

/**
 * The address of a service, without a slash at its end. Of several that fit, the first in the catalog's order.
 *
 * @throws KeystoneError NO_ENDPOINT saying what the catalog lacks
 */
export function endpointOf(catalog: readonly CatalogService[], wish: EndpointWish): string {
  const faces = [wish.interface ?? 'public'].flat().map((face) => face.replace(/URL$/, ''))
  const endpoints = catalog.filter(({ type }) => type === wish.serviceType).flatMap((service) => service.endpoints)
  for (const face of faces) {
    const found = endpoints.find(
      (endpoint) =>
        endpoint.interface.replace(/URL$/, '') === face &&
        (wish.region === undefined || endpoint.region === wish.region),
    )
    if (found) return found.url.replace(/\/+$/, '')
  }
  const region = wish.region === undefined ? '' : ` in region ${wish.region}`
  throw new KeystoneError(
    'NO_ENDPOINT',
    `the catalog has no ${faces.join(' or ')} endpoint of ${wish.serviceType}${region}`,
  )
}

/**
 * The catalog of a token, asked for with the token itself.
 *
 * @throws KeystoneError UNAUTHORIZED when the token is refused; as `KeystoneConnection.request`
 */
export async function catalogOf(
  connection: KeystoneConnection,
  token: string,
  signal: AbortSignal,
): Promise<readonly CatalogService[]> {
  const { status, body } = await connection.request({
    method: 'GET',
    path: '/auth/catalog',
    headers: { 'x-auth-token': token },
    signal,
  })
  if (status !== 200)
    throw new KeystoneError('UNAUTHORIZED', `Keystone did not show the catalog of the token (${status})`)
  return listOf(member(body, 'catalog')).map(service)
}
