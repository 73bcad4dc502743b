import type { AccessRule } from './token-body.ts'

/** A request as access rules see it. */
export interface RuledRequest {
  /** Type of the service that is called, such as `image`. */
  readonly service: string
  readonly method: string
  /** As the client wrote it, without the query. */
  readonly path: string
}

/**
 * Whether one of the rules of an application credential allows a request.
 *
 * In the path of a rule `{name}` is one segment, `*` any characters within a segment and `**` any characters at all (Identity API v3, "Access Rules").
 */
export function allowsRequest(rules: readonly AccessRule[], request: RuledRequest): boolean {
  return rules.some(
    ({ service, method, path }) =>
      service === request.service && method === request.method && pathPattern(path).test(request.path),
  )
}

function pathPattern(path: string): RegExp {
  const source = path.replace(/\{[^}/]*\}|\*\*|\*|[\s\S]/gu, (part) => {
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    return part.length > 1 && part.startsWith('{') ? '[^/]+' : part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}
