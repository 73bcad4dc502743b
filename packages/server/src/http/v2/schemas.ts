import {
  associationSchema,
  associationsSchema,
  type Deps,
  imageSchema,
  imagesSchema,
  memberSchema,
  membersSchema,
  metadefNamespaceSchema,
  metadefNamespacesSchema,
  metadefObjectSchema,
  metadefObjectsSchema,
  metadefPropertiesSchema,
  metadefPropertySchema,
  metadefTagSchema,
  metadefTagsSchema,
} from '@glance/service'
import type { Route } from './route.ts'

/** Those of metadata definitions, by the end of their addresses. */
const metadefSchemas = {
  namespace: metadefNamespaceSchema,
  namespaces: metadefNamespacesSchema,
  resource_type: associationSchema,
  resource_types: associationsSchema,
  property: metadefPropertySchema,
  properties: metadefPropertiesSchema,
  object: metadefObjectSchema,
  objects: metadefObjectsSchema,
  tag: metadefTagSchema,
  tags: metadefTagsSchema,
}

/** JSON Schemas of what the API takes and gives, made once from the field tables. */
export function schemaRoutes(deps: Deps): readonly Route[] {
  const documents: readonly (readonly [string, string])[] = [
    ['/v2/schemas/image', JSON.stringify(imageSchema(deps.settings))],
    ['/v2/schemas/images', JSON.stringify(imagesSchema(deps.settings))],
    ['/v2/schemas/member', JSON.stringify(memberSchema)],
    ['/v2/schemas/members', JSON.stringify(membersSchema)],
    ...Object.entries(metadefSchemas).map(
      ([name, schema]) => [`/v2/schemas/metadefs/${name}`, JSON.stringify(schema)] as const,
    ),
  ]
  return documents.map(([path, document]) => ({
    method: 'GET',
    path,
    body: 'none',
    handle: async (_request, reply) => reply.type('application/json').send(document),
  }))
}
