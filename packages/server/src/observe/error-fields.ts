/**
 * Errors as they stand in the log: enough to find the fault, and nothing of the host's directories or of anybody's credentials.
 *
 * Errors of the system name whole paths in their messages, and so do stacks. The last segment is kept, which tells the file; what stands before it is cut. Libraries of backends name addresses
 * with the user and the password that stand in them (OSSA-2014-004).
 */

/** How far chains of causes are followed. */
const deepest = 5

/** Members of a logged error. */
export interface ErrorFields {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: ErrorFields
}

/** An error, and what caused it, without directories and credentials. What is no error is told by its type. */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: harmless(String(error)) }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const stack = error.stack === undefined ? {} : { stack: harmless(error.stack) }
  const cause = error.cause === undefined || depth >= deepest ? {} : { cause: errorFields(error.cause, depth + 1) }
  return { type: error.name, message: harmless(error.message), ...code, ...stack, ...cause }
}

/** What may stand in the log of a text that somebody else wrote. */
function harmless(text: string): string {
  return withoutDirectories(withoutCredentials(text.slice(0, longest)))
}

/** Characters of a text that are looked at; the rest is cut. */
const longest = 8192

/** Cuts user and password of addresses: `https://user:secret@host` becomes `https://***@host`. Passwords may have slashes and at signs; so everything up to the last one is cut. */
export function withoutCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]{0,31}:\/\/)[^\s'"<>]{0,1024}@/gi, '$1***@')
}

/** Cuts the directories of absolute paths: `open '/srv/images/x'` becomes `open '…/x'`. */
export function withoutDirectories(text: string): string {
  return text.replace(/(?:file:\/\/)?(?:\/[^\s'"()/:]{1,255})+\/(?=[^\s'"()/:])/g, '…/')
}
