/**
 * Metadata definitions ("metadefs"): what properties, objects and tags mean that people attach to images, flavors, volumes and other resources. The service keeps them for others to read, and never
 * looks at them itself.
 *
 * A namespace holds properties, objects (groups of properties) and tags, and is associated with the types of resources that it is meant for. What is in a namespace has a name that is unique in it.
 */
import { ServiceError } from '../errors.ts'
import { bare } from '../json-schema.ts'

/** What a namespace holds. An association is named by its resource type. */
export type MetadefKind = 'property' | 'object' | 'tag' | 'association'

/** When something was made and changed last, in UTC. */
export interface Timed {
  readonly createdAt: Date
  readonly updatedAt: Date
}

interface Words {
  readonly missing: (name: string) => string
  readonly taken: (name: string, namespace: string) => string
  /** What a refused deletion calls it. */
  readonly noun: string
}

/** Glance's words, which people search for. */
const words: Readonly<Record<MetadefKind, Words>> = {
  property: {
    missing: (name) => `Could not find property ${name}`,
    taken: (name, namespace) =>
      `A metadata definition property with name=${name} already exists in namespace=${namespace}.`,
    noun: 'property',
  },
  object: {
    missing: (name) => `Could not find metadata object ${name}`,
    taken: (name, namespace) =>
      `A metadata definition object with name=${name} already exists in namespace=${namespace}.`,
    noun: 'object',
  },
  tag: {
    missing: (name) => `Could not find metadata tag ${name}`,
    taken: (name, namespace) =>
      `A metadata tag with name=${name} already exists in namespace=${namespace}. (Please note that metadata tag names are case insensitive).`,
    noun: 'tag',
  },
  association: {
    missing: (name) => `Failed to find resource type ${name} to delete`,
    taken: (name, namespace) =>
      `The metadata definition resource-type association of resource-type=${name} to namespace=${namespace} already exists.`,
    noun: 'resource-type-association',
  },
}

/** The refusal of a name that a namespace does not hold. */
export function itemNotFound(kind: MetadefKind, name: string): ServiceError {
  return new ServiceError('NOT_FOUND', words[kind].missing(bare(name)))
}

/** The refusal of a name that a namespace holds already. */
export function itemTaken(kind: MetadefKind, name: string, namespace: string): ServiceError {
  return new ServiceError('CONFLICT', words[kind].taken(bare(name), bare(namespace)))
}

/** The refusal of a deletion in a protected namespace. */
export function itemProtected(kind: MetadefKind, name: string): ServiceError {
  return new ServiceError(
    'FORBIDDEN',
    `Metadata definition ${words[kind].noun} ${bare(name)} is protected and cannot be deleted.`,
  )
}

/** Name of the schema that a kind is told by. */
export const schemaNames: Readonly<Record<MetadefKind, string>> = {
  property: 'property',
  object: 'object',
  tag: 'tag',
  association: 'resource_type_association',
}
