/** Types of resources, such as `OS::Nova::Flavor`, and which namespaces are meant for them. */
import { ServiceError } from '../errors.ts'
import { bare } from '../json-schema.ts'
import { assertStorableText } from '../properties.ts'
import { assertFits, misfit } from '../schema-check.ts'
import { assertShort } from './kept-value.ts'
import type { Timed } from './kind.ts'
import {
  collectionSchema,
  type MetadefCollectionSchema,
  type MetadefField,
  type MetadefSchema,
  resourceSchema,
  timeFields,
  writesShownOnly,
} from './schema-document.ts'

/** A type of resources. It comes into being with its first association and stays. */
export interface ResourceType extends Timed {
  readonly name: string
}

/** That a namespace is meant for a type of resources, before it is kept. */
export interface NewAssociation {
  /** Of the type. */
  readonly name: string
  /** What stands before the names of properties on such resources, with its separator: `hw:`. */
  readonly prefix: string | null
  /** Which of several sets of metadata of such a resource is meant. */
  readonly propertiesTarget: string | null
}

/** That a namespace is meant for a type of resources. */
export interface Association extends NewAssociation, Timed {}

/** Members that an association also has where it stands inside a namespace. */
export const nestedAssociationFields: readonly MetadefField[] = [
  {
    wire: 'name',
    schema: {
      type: 'string',
      description: 'Name of the resource type, as Heat has it where it has one: OS::Nova::Flavor',
      maxLength: 80,
    },
  },
  {
    wire: 'prefix',
    schema: {
      type: 'string',
      description:
        'What stands before the names of properties of the namespace on resources of this type, with its separator',
      maxLength: 80,
    },
  },
  {
    wire: 'properties_target',
    schema: {
      type: 'string',
      description: 'Which metadata of a resource are meant that has several: user or image of a Cinder volume',
      maxLength: 80,
    },
  },
]

const fields: readonly MetadefField[] = [...nestedAssociationFields, ...timeFields('association')]

/** What `/v2/schemas/metadefs/resource_type` answers. */
export const associationSchema: MetadefSchema = resourceSchema('resource_type_association', fields, ['name'])

/** What `/v2/schemas/metadefs/resource_types` answers. */
export const associationsSchema: MetadefCollectionSchema = collectionSchema(
  'resource_type_associations',
  associationSchema,
)

/** The association that a body tells of. @throws ServiceError INVALID, FORBIDDEN for members that only the service writes */
export function associationOfBody(body: unknown): NewAssociation {
  const refused = writesShownOnly(body, fields)
  if (refused) throw refused
  assertFits(body, 'resource_type_association', associationSchema)
  return associationOf(body as GivenAssociation, [])
}

/** An association in JSON that has the right types. */
export interface GivenAssociation {
  readonly name?: string
  readonly prefix?: string | null
  readonly properties_target?: string | null
}

/** An association whose members have the right types. @param path - where it stands. @throws ServiceError INVALID */
export function associationOf(given: GivenAssociation, path: readonly string[]): NewAssociation {
  const { name, prefix = null, properties_target: propertiesTarget = null } = given
  assertShort('resource_type_association', name, [...path, 'name'])
  for (const [member, text] of Object.entries({ prefix, properties_target: propertiesTarget })) {
    if (text === null) continue
    if (text.length > 80) throw misfit('resource_type_association', 'it is too long', [...path, member])
    assertStorableText(text, `member "${member}"`)
  }
  return { name, prefix, propertiesTarget }
}

/**
 * The name of a property without the prefix of an association.
 *
 * @param type - of resources, for the message
 * @throws ServiceError NOT_FOUND when there is no such association, it has no prefix, or the name does not start with it
 */
export function withoutPrefix(property: string, type: string, association: NewAssociation | null): string {
  if (!association)
    throw new ServiceError('NOT_FOUND', `The metadata definition resource-type with name=${bare(type)}, was not found.`)
  const { prefix } = association
  if (prefix && property.startsWith(prefix)) return property.slice(prefix.length)
  throw new ServiceError(
    'NOT_FOUND',
    `Property ${bare(property)} does not start with the expected resource type association prefix of '${prefix}'.`,
  )
}
