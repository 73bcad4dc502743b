import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { refused, ServiceError } from '../../domain/errors.ts'
import type { FoundImage, Image, ImageChanges, Visibility } from '../../domain/image.ts'
import { fieldOf } from '../../domain/image-fields.ts'
import { assertPropertyQuota, assertTagQuota } from '../../domain/properties.ts'
import { formatsAreOpen } from '../../domain/status.ts'
import { assertMayWrite, changeVisible, permit } from '../../policy/access.ts'
import { mayProperty, permitProperty } from '../../policy/property-access.ts'
import { visibilityRule } from '../../policy/visibility-rule.ts'
import { publishAcls } from '../locations/acls.ts'
import { changeLocations, type LocationsPlan } from '../locations/change.ts'
import { LocationsPatch, type Sizes } from '../locations/patch-locations.ts'
import { checkOperations, type PatchOperation } from './json-patch.ts'
import { showImage } from './show.ts'

/** Input of `updateImage`. */
export interface UpdateImageInput {
  readonly imageId: string
  /** From `parseJsonPatch`. */
  readonly operations: readonly PatchOperation[]
}

/**
 * Applies a patch: every operation in order and all together, or none.
 *
 * Members that nobody may write and values that do not fit are refused before the image is looked up. No operations change nothing. Stores are asked for locations that are new only
 * when nothing else speaks against the patch. Data of locations that are removed are deleted before the patch takes effect; see `remove-copies.ts`.
 *
 * @throws ServiceError INVALID, FORBIDDEN for members, policy, the owner and protected properties, NOT_FOUND, CONFLICT for properties that are (not) there and for data in use, OVER_LIMIT for quotas,
 *   UNAVAILABLE when a store does not delete
 */
export async function updateImage(context: RequestContext, deps: Deps, input: UpdateImageInput): Promise<FoundImage> {
  assertMayWrite(context)
  const operations = checkOperations(input.operations, deps.settings)
  if (operations.length === 0) return showImage(context, deps, input)
  const subject = { id: input.imageId, rule: rulesOf(operations) }
  const updated = operations.some(touchesLocations)
    ? await changeLocations(context, deps, subject, (image, sizes) =>
        planned(context, deps, { image, operations, sizes }),
      )
    : await changeVisible(
        context,
        deps,
        subject,
        (image) => planned(context, deps, { image, operations, sizes: null }).changes,
      )
  if (operations.some(({ path: [name] }) => name === 'visibility')) await publishAcls(context, deps, updated.image.id)
  return updated
}

function touchesLocations({ path: [name] }: PatchOperation): boolean {
  return name === 'locations'
}

/** The policy rules of a patch, each once. */
function rulesOf(operations: readonly PatchOperation[]): readonly string[] {
  const rules = operations.map((operation) => {
    if (!touchesLocations(operation)) return 'modify_image'
    return operation.op === 'remove' ? 'delete_image_location' : 'set_image_location'
  })
  return [...new Set(rules)]
}

interface Patch {
  readonly image: Image
  readonly operations: readonly PatchOperation[]
  readonly sizes: Sizes
}

/** What a patch makes of an image as it is now. */
function planned(context: RequestContext, deps: Deps, { image, operations, sizes }: Patch): LocationsPlan {
  const locations = new LocationsPatch(image, deps, sizes)
  const fields = new Map<string, unknown>()
  const properties = new Map(image.properties)
  // The field table has made sure that each value is of the type of its member.
  const changed = (): ImageChanges => Object.fromEntries(fields)
  for (const operation of operations) {
    const [name] = operation.path
    const field = fieldOf(name)
    const present = { ...image, ...changed() }
    if (name === 'locations') {
      assertLocationsAreOpen(deps)
      for (const [member, value] of Object.entries(locations.apply(present, operation))) fields.set(member, value)
    } else if (!field?.name) applyToProperty(context, deps, properties, operation)
    else {
      if (operation.op === 'remove') throw refused('FORBIDDEN', `Property ${name} may not be removed.`)
      if (operation.op === 'add' && !operation.overwrites) throw alreadyPresent(name)
      assertMaySet(context, deps, present, name, operation.value)
      fields.set(field.name, operation.value)
    }
  }
  assertPropertyQuota(properties, image.properties, deps.settings.imagePropertyQuota)
  const changes = changed()
  if (changes.tags) assertTagQuota(changes.tags, deps.settings.imageTagQuota)
  return {
    changes: {
      ...changes,
      ...(operations.some(({ path: [name] }) => !fieldOf(name)) ? { properties } : {}),
      ...(operations.some(touchesLocations) ? { locations: locations.locations } : {}),
    },
    added: locations.added,
    removed: locations.removed,
  }
}

/** A property that the caller may not read is as good as absent, so that answers do not tell of it; to write over it takes the right to change it, too. */
function applyToProperty(
  context: RequestContext,
  deps: Deps,
  properties: Map<string, string | null>,
  operation: PatchOperation,
): void {
  const [name] = operation.path
  const known = properties.has(name) && mayProperty(context, deps, 'read', name)
  if (operation.op === 'add' && known && !operation.overwrites) throw alreadyPresent(name)
  if (operation.op !== 'add' && !known) throw refused('CONFLICT', `Property ${name} does not exist.`)
  if (operation.op === 'remove') {
    permitProperty(context, deps, 'delete', name)
    properties.delete(name)
    return
  }
  if (!known) permitProperty(context, deps, 'create', name)
  if (properties.has(name)) permitProperty(context, deps, 'update', name)
  // Values of properties have been checked to be texts, or null where the site allows it.
  properties.set(name, operation.value as string | null)
}

function alreadyPresent(name: string): ServiceError {
  return refused('CONFLICT', `Property ${name} already present.`)
}

/** Rules of single members beyond their schema. */
function assertMaySet(context: RequestContext, deps: Deps, image: Image, name: string, value: unknown): void {
  if (name === 'owner' && !context.admin) throw new ServiceError('FORBIDDEN', "Owner can't be updated by non admin.")
  if ((name === 'disk_format' || name === 'container_format') && !formatsAreOpen(image.status))
    throw new ServiceError('FORBIDDEN', `Attribute ${name} can be only replaced for a queued image.`)
  const rule = name === 'visibility' ? visibilityRule(value as Visibility) : null
  if (rule !== null) permit(context, deps, rule, { image, memberStatus: null })
}

function assertLocationsAreOpen({ settings }: Pick<Deps, 'settings'>): void {
  if (!settings.showMultipleLocations)
    throw new ServiceError('FORBIDDEN', "It's not allowed to update locations if locations are invisible.")
}
