import type { Deps } from '@glance/service'
import type { FastifyRequest } from 'fastify'
import type { Route } from '../route.ts'
import { namespaceRoutes } from './namespaces.ts'
import { metadefObjectRoutes } from './objects.ts'
import { metadefPropertyRoutes } from './properties.ts'
import { resourceTypeRoutes } from './resource-types.ts'
import { metadefTagRoutes } from './tags.ts'

/** Every route of metadata definitions. @param base - the URL under which the caller reaches the API */
export function metadefRoutes(deps: Deps, base: (request: FastifyRequest) => string): readonly Route[] {
  return [
    ...namespaceRoutes(deps, base),
    ...metadefPropertyRoutes(deps),
    ...metadefObjectRoutes(deps),
    ...metadefTagRoutes(deps),
    ...resourceTypeRoutes(deps),
  ]
}
