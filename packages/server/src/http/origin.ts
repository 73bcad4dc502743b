/**
 * Under which address a request came in, and from where: as the connection says, or as a proxy in front of us says when it is trusted (`enable_proxy_headers_parsing`).
 *
 * `Forwarded` (RFC 7239) counts before `X-Forwarded-*`, and of several proxies the first, which is the one that the client met. A value that is no scheme, no host, no address is passed over:
 * these headers end up in links and logs.
 */
import type { IncomingMessage } from 'node:http'

/** Where a request came in. */
export interface Origin {
  readonly scheme: string
  /** With its port unless that is the scheme's own. */
  readonly host: string
  /** Path under which a proxy shows the API, without a slash at its end; mostly empty. */
  readonly prefix: string
  /** Address of the client. */
  readonly client: string
}

/** @param trustsProxy - whether the headers of a proxy count; without one in front anybody could send them */
export function originOf(request: IncomingMessage, trustsProxy: boolean): Origin {
  const told = trustsProxy ? toldByProxy(request) : {}
  const scheme = told.scheme ?? 'http'
  const host = told.host ?? request.headers.host ?? 'localhost'
  return {
    scheme,
    host: host.replace(scheme === 'https' ? /:443$/ : /:80$/, ''),
    prefix: told.prefix ?? '',
    client: told.client ?? request.socket?.remoteAddress ?? '',
  }
}

/** The URL of the API's root without a slash at its end. @param publicEndpoint - counts before whatever the request says */
export function baseUrl(
  request: IncomingMessage,
  settings: { readonly publicEndpoint: string | null; readonly trustsProxy: boolean },
): string {
  if (settings.publicEndpoint !== null) return settings.publicEndpoint.replace(/\/+$/, '')
  const { scheme, host, prefix } = originOf(request, settings.trustsProxy)
  return `${scheme}://${host}${prefix}`
}

function toldByProxy({ headers }: IncomingMessage): Partial<Origin> {
  const first = (name: string): string | undefined => {
    const header = headers[name]
    return (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim()
  }
  const forwarded = first('forwarded')
  const parts = forwarded === undefined || forwarded === '' ? null : forwardedPairs(forwarded)
  const scheme = parts ? parts.get('proto') : first('x-forwarded-proto')
  const host = parts ? parts.get('host') : first('x-forwarded-host')
  const client = parts ? parts.get('for') : first('x-forwarded-for')
  const prefix = first('x-forwarded-prefix')?.replace(/\/+$/, '')
  return {
    ...(scheme !== undefined && /^https?$/i.test(scheme) ? { scheme: scheme.toLowerCase() } : {}),
    ...(host !== undefined && /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host) ? { host } : {}),
    ...(client !== undefined && /^[A-Za-z0-9._:[\]-]{1,255}$/.test(client) ? { client } : {}),
    ...(prefix !== undefined && /^(?:\/[A-Za-z0-9._~-]+)+$/.test(prefix) ? { prefix } : {}),
  }
}

/** The pairs of one proxy, names in lower case, values without their quotes. */
function forwardedPairs(element: string): ReadonlyMap<string, string> {
  return new Map(
    element.split(';').flatMap((pair) => {
      const equals = pair.indexOf('=')
      if (equals === -1) return []
      return [
        [
          pair.slice(0, equals).trim().toLowerCase(),
          pair
            .slice(equals + 1)
            .trim()
            .replace(/^"(.*)"$/, '$1'),
        ],
      ]
    }),
  )
}
