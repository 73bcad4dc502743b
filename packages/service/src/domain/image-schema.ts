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
  readonly links: readonly SchemaLink[]
}

type FormatSettings = Pick<ServiceSettings, 'containerFormats' | 'diskFormats'>

/**
 * Members that answers may have but the schema leaves out. Glance lists `stores`, and python-glanceclient up to 4.1, when it is used without Keystone, makes an option `--stores` of it
 * that collides with its own: from its second run on no command of it works any more.
 */
const unlisted: ReadonlySet<string> = new Set(['stores'])

/** The schema of one image; the enumerations of formats are those of the settings. */
export function imageSchema(settings: FormatSettings): ResourceSchema {
  return {
    name: 'image',
    properties: Object.fromEntries(
      imageFields.filter((field) => !unlisted.has(field.wire)).map((field) => [field.wire, field.schema(settings)]),
    ),
    additionalProperties: { type: 'string' },
    links: [
      { rel: 'self', href: '{self}' },
      { rel: 'enclosure', href: '{file}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  }
}

/** The schema of a page of a list of images. */
export function imagesSchema(settings: FormatSettings): ResourceSchema {
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
