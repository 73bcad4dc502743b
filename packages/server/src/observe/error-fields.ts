/**
 * Errors as they stand in the log: enough to find the fault, and nothing of the host's directories.
 *
 * Errors of the system name whole paths in their messages, and so do stacks. The last segment is kept, which tells the file; what stands before it is cut.
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

/** An error, and what caused it, without directories. What is no error is told by its type. */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: withoutDirectories(String(error)) }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const stack = error.stack === undefined ? {} : { stack: withoutDirectories(error.stack) }
  const cause = error.cause === undefined || depth >= deepest ? {} : { cause: errorFields(error.cause, depth + 1) }
  return { type: error.name, message: withoutDirectories(error.message), ...code, ...stack, ...cause }
}

/** Cuts the directories of absolute paths: `open '/srv/images/x'` becomes `open '…/x'`. */
export function withoutDirectories(text: string): string {
  return text.slice(0, 8192).replace(/(?:file:\/\/)?(?:\/[^\s'"()/:]{1,255})+\/(?=[^\s'"()/:])/g, '…/')
}
