import { StoreError } from './errors.ts'

/** Text of a location that is longer than this is refused before it is parsed; the database column is TEXT, URIs in use are short. */
const longest = 8192

/**
 * The scheme of a location, in lower case.
 *
 * @throws StoreError INVALID_LOCATION when the text has no scheme, is over 8192 characters or holds control characters or blanks
 */
export function schemeOf(location: string): string {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(location)
  if (!match?.[1] || !isOneWord(location))
    throw new StoreError('INVALID_LOCATION', 'a location is an absolute URI without blanks')
  return match[1].toLowerCase()
}

/**
 * A location as it may stand in a log or a message: scheme, host and last segment.
 *
 * User, password, query and fragment are cut, and everything of a path but its last segment, since directories of the host, account names and
 * keys have stood in each of them. Where an unescaped delimiter makes it doubtful what is a secret, `…` stands for the doubtful part. Text
 * that `schemeOf` refuses gives `(malformed location)`.
 */
export function redactLocation(location: string): string {
  const match = isOneWord(location) ? /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^?#]*)/.exec(location) : null
  if (!match) return '(malformed location)'
  const [upToQuery, scheme = '', rest = ''] = match
  // An @ in what looks like a query: either one is in the query, or ? or # is in a password.
  if (location.lastIndexOf('@') >= upToQuery.length) return `${scheme}://…`
  const at = rest.lastIndexOf('@')
  const slash = rest.indexOf('/')
  const last = rest.slice(rest.lastIndexOf('/') + 1)
  if (slash === -1) return `${scheme}://${rest.slice(at + 1)}`
  if (at < slash) return `${scheme}://${rest.slice(at + 1, slash)}/…/${last}`
  // An @ after a slash: either it is in the path, or the slash is in a secret key, as Glance wrote them into locations of S3.
  return last.includes('@') ? `${scheme}://…` : `${scheme}://…/${last}`
}

/** Whether a text is short enough to be a location and free of blanks, line ends and control characters. */
function isOneWord(location: string): boolean {
  return location.length <= longest && !/[\p{Cc}\p{Z}]/u.test(location)
}
