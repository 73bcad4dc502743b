import { type Deps, imageSchema, imagesSchema, memberSchema, membersSchema } from '@glance/service'
import type { Route } from './route.ts'

/** JSON Schemas of what the API takes and gives, made once from the field tables. */
export function schemaRoutes(deps: Deps): readonly Route[] {
  const documents: readonly (readonly [string, string])[] = [
    ['/v2/schemas/image', JSON.stringify(imageSchema(deps.settings))],
    ['/v2/schemas/images', JSON.stringify(imagesSchema(deps.settings))],
    ['/v2/schemas/member', JSON.stringify(memberSchema)],
    ['/v2/schemas/members', JSON.stringify(membersSchema)],
  ]
  return documents.map(([path, document]) => ({
    method: 'GET',
    path,
    body: 'none',
    handle: async (_request, reply) => reply.type('application/json').send(document),
  }))
}
