/**
 * Brings the address of an image service into the one form the client works with: no slash at the end, no version.
 *
 * `http://host:9292`, `http://host:9292/`, `http://host/image/v2` and `http://host:9292/v2.9/` are all fine: catalogs of
 * identity services and people write each of them. A query, a fragment or a password in the address is refused with a
 * TypeError, whose text does not repeat the address because it may hold a secret.
 */
export function parseEndpoint(endpoint: string): string {
  let url: URL
  try {
    url = new URL(endpoint)
  } catch {
    throw new TypeError('the endpoint of the image service is not an absolute URL')
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`the endpoint of the image service must be http or https, not ${url.protocol.slice(0, -1)}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the endpoint of the image service must not hold a user name or a password')
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError('the endpoint of the image service must not have a query or a fragment')
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v\d+(\.\d+)?$/, '')
  return url.origin + path.replace(/\/+$/, '')
}

/**
 * The part of a `next` link below the endpoint, from `/v2/` on.
 *
 * Links come relative to the service's own root, which a proxy may have moved, so only their tail is used. A link to
 * another host gives null: following it would hand the token to a stranger.
 */
export function pathOfLink(link: string, endpoint: string): string | null {
  let url: URL
  try {
    url = new URL(link, `${endpoint}/`)
  } catch {
    return null
  }
  // An absolute link may carry the service's inner scheme when TLS ends in a proxy; the host has to be ours.
  if (url.host !== new URL(endpoint).host) return null
  const start = url.pathname.search(/\/v2(\.\d+)?\//)
  return start === -1 ? null : url.pathname.slice(start) + url.search
}
