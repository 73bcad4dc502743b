/** The JSON Schemas of images and lists of images that `/v2/schemas` publishes (Image API v2, "Image schemas"). */

import { imageFields } from './image-fields.ts'
import type { JsonSchema } from './json-schema.ts'
import type { ServiceSettings } from './settings.ts'

/** A relation between a resource and an address in it. */
export interface SchemaLink {
  readonly rel: string
  readonly href: string
}

/** The schema of a resource, ready to be answered. */
export interface ResourceSchema {
  readonly name: string
  readonly properties: Readonly<Record<string, JsonSchema | { readonly type: 'array'; readonly items: ResourceSchema }>>
  readonly additionalProperties?: JsonSchema
  readonly required?: readonly string[]
  readonly links: readonly SchemaLink[]
}

type SchemaSettings = Pick<ServiceSettings, 'containerFormats' | 'diskFormats' | 'siteSchema'>

/**
 * Members that answers may have but the schema leaves out. Glance lists `stores`, and python-glanceclient up to 4.1, when it is used without Keystone, makes an option `--stores` of it
 * that collides with its own: from its second run on no command of it works any more.
 */
const unlisted: ReadonlySet<string> = new Set(['stores'])

/** The schema of one image: its own members with the formats of the settings, then what the site says of additional properties. */
export function imageSchema(settings: SchemaSettings): ResourceSchema {
  const { properties = new Map(), required = [] } = settings.siteSchema ?? {}
  return {
    name: 'image',
    properties: Object.fromEntries([
      ...imageFields
        .filter((field) => !unlisted.has(field.wire))
        .map((field) => [field.wire, field.schema(settings)] as const),
      ...[...properties].map(([name, { schema }]) => [name, schema] as const),
    ]),
    additionalProperties: { type: 'string' },
    ...(required.length > 0 ? { required } : {}),
    links: [
      { rel: 'self', href: '{self}' },
      { rel: 'enclosure', href: '{file}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  }
}

/** The schema of a page of a list of images. */
export function imagesSchema(settings: SchemaSettings): ResourceSchema {
  return {
    name: 'images',
    properties: {
      images: { type: 'array', items: imageSchema(settings) },
      first: { type: 'string' },
      next: { type: 'string' },
      schema: { type: 'string' },
    },
    links: [
      { rel: 'first', href: '{first}' },
      { rel: 'next', href: '{next}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  }
}
