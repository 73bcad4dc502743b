import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { FoundImage } from '../../domain/image.ts'
import { bare, quote } from '../../domain/json-schema.ts'
import { parseListQuery } from '../../domain/parse-query.ts'
import { isVisible } from '../../domain/visibility.ts'
import { mayBeRecordId, notPermitted } from '../../policy/access.ts'
import { mayProperty } from '../../policy/property-access.ts'
import { imageTarget } from '../../policy/target.ts'

/** Input of `listImages`. */
export interface ListImagesInput {
  /** Names and values of the query, decoded, in order, with repetitions. */
  readonly parameters: readonly (readonly [string, string])[]
}

/** One page. */
export interface ListedImages {
  readonly images: readonly FoundImage[]
  /** Id after which the next page starts; null when this page was not full. */
  readonly marker: string | null
}

/**
 * A page of the images that the caller sees.
 *
 * A filter on a property that the caller may not read matches nothing. An image that policy hides is left out of its page, which then is shorter; whether there is a next page is decided before that.
 *
 * @throws ServiceError INVALID for parameters and unknown markers, FORBIDDEN by policy and for markers that the caller may not see
 */
export async function listImages(context: RequestContext, deps: Deps, input: ListImagesInput): Promise<ListedImages> {
  const query = parseListQuery(input.parameters, context, deps.settings)
  const asker = { project_id: context.project }
  if (!deps.enforcer.allows('get_images', context, asker)) throw notPermitted('get_images')
  if (query.marker !== null) await assertMarker(context, deps, query.marker)
  // What the caller may not read it may not guess either, value by value.
  if (![...query.properties.keys()].every((name) => mayProperty(context, deps, 'read', name)))
    return { images: [], marker: null }
  if (query.limit === 0) return { images: [], marker: null }
  const page = await deps.images.list(query)
  const last = page.length >= query.limit ? page.at(-1) : undefined
  return {
    images: page.filter((found) => deps.enforcer.allows('get_image', context, imageTarget(found, context.project))),
    marker: last?.image.id ?? null,
  }
}

async function assertMarker(context: RequestContext, deps: Deps, marker: string): Promise<void> {
  const found = mayBeRecordId(marker) ? await deps.images.find(marker, context.project) : null
  if (!found) throw new ServiceError('INVALID', `No image found with ID ${bare(marker)}`)
  if (!isVisible(context, found))
    throw new ServiceError('FORBIDDEN', `Forbidding request, image ${quote(marker)} not visible`)
}
