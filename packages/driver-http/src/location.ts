import { StoreError, schemeOf } from '@glance/core'

/** What a user name and password are to this driver: kept apart from everything that is ever printed. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

/** A location, taken apart for one request. */
export interface HttpLocation {
  readonly scheme: 'http' | 'https'
  /** Host as the URL standard spells it: lower case, numbers as dotted quads, IPv6 in brackets. */
  readonly hostname: string
  readonly port: number
  /** `scheme://host[:port]` without anything secret; two locations with the same origin are the same server to us. */
  readonly origin: string
  /** Path and query as they were written, except that characters outside ASCII are percent-encoded. Never empty. */
  readonly path: string
  readonly credentials: Credentials | null
}

const defaultPorts = { http: 80, https: 443 } as const

/**
 * Takes a location apart.
 *
 * Path and query stay as they are, because signed queries break when they are spelled anew; a fragment is dropped. The host is read by
 * the URL standard alone, so every spelling of an address (`2130706433`, `0x7f.1`, `127.1`, `%3127.0.0.1`) is the same address from here on.
 *
 * @throws StoreError INVALID_LOCATION - no message of this function holds any part of the text, since what is malformed may be a password
 */
export function parseLocation(location: string): HttpLocation {
  const scheme = schemeOf(location)
  if (scheme !== 'http' && scheme !== 'https') throw invalid('the http store reads only http and https locations')
  const [, authority = '', rest = ''] = /^[^:]*:\/\/([^/?#]*)([^#]*)/.exec(location) ?? []
  // Parsers disagree whether a backslash ends the host; whoever writes one wants two of them to disagree.
  if (location.includes('\\')) throw invalid('the location holds a backslash')

  const at = authority.lastIndexOf('@')
  const credentials = at === -1 ? null : parseCredentials(authority.slice(0, at))
  const server = authority.slice(at + 1)
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(server) ?? []
  if (!host) throw invalid('the location has no host, or a malformed host or port')
  let url: URL
  try {
    url = new URL(`${scheme}://${server}`)
  } catch {
    throw invalid('the location has no host, or a malformed host or port')
  }
  if (port !== undefined && Number(port) === 0) throw invalid('the location has port 0')

  return {
    scheme,
    hostname: url.hostname,
    port: Number(port ?? defaultPorts[scheme]),
    origin: url.origin,
    path: asciiOnly(rest.startsWith('/') ? rest : `/${rest}`),
    credentials,
  }
}

/** The value of an Authorization header for credentials (RFC 7617, UTF-8). */
export function basicAuthorization(credentials: Credentials): string {
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8').toString('base64')}`
}

/** Glance wants exactly one colon: with more it is open which part is the password. */
function parseCredentials(userinfo: string): Credentials {
  const [user, password, ...more] = userinfo.split(':')
  if (user === undefined || password === undefined || more.length > 0 || userinfo.includes('@'))
    throw invalid('the credentials of the location are not of the form user:password')
  try {
    return { user: decodeURIComponent(user), password: decodeURIComponent(password) }
  } catch {
    throw invalid('the credentials of the location are not properly percent-encoded')
  }
}

function asciiOnly(text: string): string {
  try {
    return text.replace(/[^!-~]+/gu, (part) => encodeURIComponent(part))
  } catch {
    throw invalid('the location holds half of a character')
  }
}

function invalid(message: string): StoreError {
  return new StoreError('INVALID_LOCATION', message)
}
