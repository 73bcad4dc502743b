/**
 * Locations of a file store: `file:///directory/IMAGE_ID`, and which of them it reads.
 *
 * The location of an image comes from the database, and users or other services may have written it, so it is confined to the data
 * directories twice: by its text, so that no path outside is ever touched (a look at one may mount a share, or hang), and by its real path.
 * Names that an image cannot have, hidden ones above all, are never read: unfinished uploads have such names.
 */
import { isImageId, StoreError, schemeOf } from '@glance/core'

/** The schemes of the store; the first one is written. */
export const schemes: readonly [string, ...string[]] = ['file', 'filesystem']

/** The location of an absolute path. Only what a URI cannot hold is encoded, so ordinary locations look like those of Glance. */
export function formatLocation(path: string, scheme: string = schemes[0]): string {
  return `${scheme}://${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}`
}

/**
 * The path of a location. Doubled slashes count as one, since Glance wrote directories as they were configured.
 *
 * @throws StoreError INVALID_LOCATION for another scheme, a host, a query or fragment, malformed percent encoding, `.` and `..` also when
 *   they are encoded, an encoded slash, a backslash, NUL, and when the last segment cannot be the id of an image
 */
export function parseLocation(location: string): string {
  const scheme = schemeOf(location)
  const rest = location.slice(scheme.length + '://'.length)
  if (!schemes.includes(scheme)) throw invalid('has the scheme file or filesystem')
  if (!rest.startsWith('/')) throw invalid('names no host')
  if (/[?#]/.test(rest)) throw invalid('has no query and no fragment')
  const segments = rest.slice(1).split('/').map(decoded)
  if (segments.some((segment) => segment === '.' || segment === '..' || /[/\\\0]/.test(segment)))
    throw invalid('is a plain absolute path')
  if (!isImageId(segments.at(-1) ?? '')) throw invalid('ends in the id of an image')
  return `/${segments.filter((segment) => segment !== '').join('/')}`
}

/** A directory as configured and with every link resolved. */
export interface Confinement {
  readonly path: string
  readonly real: string
}

/**
 * Finds by its text alone into which directory a location leads; of nested ones into the inner one.
 *
 * @returns the directory, and the path with the directory's own links resolved, but none below it
 * @throws StoreError INVALID_LOCATION when it leads into none
 */
export function placeOf<T extends Confinement>(
  location: string,
  directories: readonly T[],
): { readonly directory: T; readonly path: string } {
  const path = parseLocation(location)
  const [found] = directories
    .flatMap((directory) => [directory.path, directory.real].map((name) => ({ directory, name })))
    .filter(({ name }) => isInside(path, name))
    .toSorted((a, b) => b.name.length - a.name.length)
  if (!found) throw outside()
  const { directory, name } = found
  return { directory, path: inDirectory(directory.real, path.slice(inDirectory(name, '').length)) }
}

/** The refusal of a location that leads out of the store; it does not tell whether there is anything. */
export function outside(): StoreError {
  return new StoreError('INVALID_LOCATION', 'the location is outside the data directories of the store')
}

/** Whether a normalised path lies in a directory, at any depth. */
export function isInside(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(inDirectory(directory, ''))
}

/** A name in a directory, which may be the root. */
export function inDirectory(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw invalid('is UTF-8 in percent encoding')
  }
}

function invalid(why: string): StoreError {
  return new StoreError('INVALID_LOCATION', `a location of a file store ${why}`)
}
