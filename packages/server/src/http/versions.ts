/**
 * Versions of the API: which paths lead to it, and the document that lists them (Image API reference, "Versions").
 *
 * All versions behave the same; their ids only tell clients what is there.
 */

/** What of the server decides which versions it lists. */
export interface VersionSettings {
  readonly multiStore: boolean
  readonly cache: boolean
}

/** Ids of the versions in the order of the document, the current one marked. */
export function listedVersions({
  multiStore,
  cache,
}: VersionSettings): readonly { readonly id: string; readonly status: 'CURRENT' | 'SUPPORTED' }[] {
  const minors = [
    ...(cache ? [18, 17, 16, 15, 14] : [15]),
    ...(multiStore ? [13, 12, 11, 10, 9, 8] : [9]),
    ...(cache ? [] : [17]),
    ...[7, 6, 5, 4, 3, 2, 1, 0],
  ]
  return minors.map((minor) => ({ id: `v2.${minor}`, status: minor === (cache ? 18 : 17) ? 'CURRENT' : 'SUPPORTED' }))
}

/** The versions document. `base` is the URL under which the caller reaches the API, with or without a slash at its end. */
export function versionsDocument(settings: VersionSettings, base: string): object {
  const href = `${base.replace(/\/+$/, '')}/v2/`
  return {
    versions: listedVersions(settings).map(({ id, status }) => ({ id, status, links: [{ rel: 'self', href }] })),
  }
}

/** What a request line asks for: the API below `/v2`, a path beside it, or a version that is not there. */
export type Negotiated =
  | { readonly kind: 'api' | 'beside'; readonly url: string }
  | { readonly kind: 'unknown version' }

const vendorType = /^application\/vnd\.openstack\.images-(v[0-9.]+)/

/** Reads the version out of the path or the `Accept` header. The url comes back with `/v2` in front, whatever minor version was asked for. */
export function negotiate(
  url: string,
  accept: string | undefined,
  settings: VersionSettings,
  healthPath = '/healthcheck',
): Negotiated {
  const question = url.indexOf('?')
  const path = question === -1 ? url : url.slice(0, question)
  const fromAccept = vendorType.exec(accept ?? '')?.[1]
  if (fromAccept !== undefined)
    return isServed(fromAccept, settings) ? { kind: 'api', url: `/v2${url}` } : { kind: 'unknown version' }
  if (path === '/versions' || path === healthPath || path === '/v2') return { kind: 'beside', url }
  const segment = /^\/([^/]*)/.exec(path)?.[1] ?? ''
  if (!isServed(segment, settings)) return { kind: 'unknown version' }
  return { kind: 'api', url: `/v2${url.slice(1 + segment.length)}` }
}

function isServed(version: string, settings: VersionSettings): boolean {
  if (version === 'v2') return true
  const minor = /^v2\.(\d{1,2})$/.exec(version)?.[1]
  if (minor === undefined) return false
  return (
    [0, 1, 2, 3, 4, 5, 6, 7, 9, 15, 17].includes(Number(minor)) ||
    listedVersions(settings).some(({ id }) => id === version)
  )
}
