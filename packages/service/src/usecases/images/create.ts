import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { refused, ServiceError } from '../../domain/errors.ts'
import type { FoundImage, Image, ImageChanges } from '../../domain/image.ts'
import { fieldOf, fieldValue, readOnlyField, schemaError } from '../../domain/image-fields.ts'
import { quote } from '../../domain/json-schema.ts'
import {
  assertPropertyName,
  assertPropertyQuota,
  assertTagQuota,
  isReservedName,
  reserved,
  shown,
} from '../../domain/properties.ts'
import type { ServiceSettings } from '../../domain/settings.ts'
import { assertRequired, propertyValue } from '../../domain/site-schema.ts'
import { enforceLimits } from '../../limits/unified.ts'
import { assertMayWrite, notPermitted } from '../../policy/access.ts'
import { permitProperty } from '../../policy/property-access.ts'
import { imageTarget } from '../../policy/target.ts'
import { visibilityRule } from '../../policy/visibility-rule.ts'
import type { NewImage } from '../../ports/images.ts'

/** Input of `createImage`. */
export interface CreateImageInput {
  /** Parsed JSON of any shape. */
  readonly body: unknown
}

/**
 * Makes an image record, in state `queued`.
 *
 * @throws ServiceError INVALID for what does not fit the schema, FORBIDDEN for reserved and read-only members, foreign owners, policy and protected properties, OVER_LIMIT for quotas and limits,
 *   CONFLICT when the id is taken, UNAVAILABLE when the limits cannot be found out now
 */
export async function createImage(context: RequestContext, deps: Deps, input: CreateImageInput): Promise<FoundImage> {
  assertMayWrite(context)
  const { id, changes } = parseImageBody(input.body, deps.settings)
  const image = newImage(context, deps, id, changes)
  permitCreation(context, deps, image)
  await enforceLimits(context, deps, image.owner, { image_count_total: 1 })
  for (const name of image.properties.keys()) permitProperty(context, deps, 'create', name)
  assertPropertyQuota(image.properties, new Map(), deps.settings.imagePropertyQuota)
  assertTagQuota(image.tags, deps.settings.imageTagQuota)
  return { image: await deps.images.insert(image), memberStatus: null }
}

/** What a body of `POST /v2/images` says: an id, if it names one, and the members of the record. */
interface ImageBody {
  readonly id: string | null
  readonly changes: ImageChanges
}

function parseImageBody(body: unknown, settings: ServiceSettings): ImageBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw schemaError(`${quote(body)} is not of type 'object'`, null)
  const members = Object.entries(body)
  // Names first: a member that nobody may set is refused whatever its value.
  for (const [name] of members) assertSettableAtCreation(name)
  const values: [string, unknown][] = []
  const properties = new Map<string, string | null>()
  for (const [name, value] of members) {
    const field = fieldOf(name)
    if (field?.name) values.push([field.name, fieldValue(field, value, settings)])
    else {
      assertPropertyName(name)
      properties.set(name, propertyValue(name, value, settings.siteSchema))
    }
  }
  assertRequired(body, settings.siteSchema)
  // The field table has made sure that each value is of the type of its member.
  const { id, ...fields } = Object.fromEntries(values) as { id?: string } & ImageChanges
  return { id: id ?? null, changes: { ...fields, properties } }
}

function assertSettableAtCreation(name: string): void {
  const refusal = fieldOf(name)?.create
  if (refusal === 'readOnly') throw readOnlyField(name)
  if (refusal === 'reserved') throw reserved(name)
  // Glance words the refusal of a property in two sentences when an image is made, and in one when it is changed.
  if (isReservedName(name)) throw refused('FORBIDDEN', reserved(name).message)
}

function newImage(context: RequestContext, deps: Deps, id: string | null, changes: ImageChanges): NewImage {
  return {
    id: id ?? deps.ids.next(),
    name: null,
    status: 'queued',
    visibility: 'shared',
    protected: false,
    hidden: false,
    owner: context.project,
    size: null,
    virtualSize: null,
    checksum: null,
    hashAlgorithm: null,
    hashValue: null,
    diskFormat: null,
    containerFormat: null,
    minDisk: 0,
    minRam: 0,
    createdAt: deps.clock.now(),
    tags: [],
    properties: new Map(),
    locations: [],
    ...changes,
  }
}

/** An image that does not exist yet hides nothing, so every refusal is FORBIDDEN. */
function permitCreation(context: RequestContext, deps: Deps, image: NewImage): void {
  const found = { image: { ...image, updatedAt: image.createdAt } satisfies Image, memberStatus: null }
  if (!context.admin && image.owner !== context.project)
    throw new ServiceError('FORBIDDEN', `You are not permitted to create images owned by ${shown(String(image.owner))}`)
  // The rule compares the caller's project with both the project that asks and the owner that is wanted.
  const target = { ...imageTarget(found, context.project), project_id: context.project }
  const visibility = visibilityRule(image.visibility)
  for (const rule of ['add_image', ...(visibility === null ? [] : [visibility])])
    if (!deps.enforcer.allows(rule, context, target)) throw notPermitted(rule)
}
