import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import type { FoundImage, Image, ImageChanges, ImageLocation } from '../../domain/image.ts'
import { assertStorageQuota } from '../../limits/static.ts'
import { changeVisible, findVisible, imageNotFound, permit } from '../../policy/access.ts'
import { sizeAt } from './acceptable.ts'
import { publishAcls } from './acls.ts'
import type { Sizes } from './patch-locations.ts'
import { deleteCopies, dropCopies, marked, restored } from './remove-copies.ts'
import { tidyLocations } from './upkeep.ts'

/** What a change makes of an image and of its locations. */
export interface LocationsPlan {
  /** With `locations` as they should be, those that are removed left out. */
  readonly changes: ImageChanges
  /** Locations whose stores have to be asked for them. */
  readonly added: readonly ImageLocation[]
  /** Locations whose data have to be deleted. */
  readonly removed: readonly ImageLocation[]
}

/**
 * Changes the locations of an image by a plan, which is made anew whenever the image may have changed.
 *
 * 1. The plan is made without sizes, so that everything else that speaks against it shows before a store is asked: nobody makes this service reach out who may not change the image.
 * 2. The stores are asked for the sizes at locations that are new, and the quota of the image's owner for room for them.
 * 3. The change is made. When locations are removed it is made in two steps, with the deletion of their data in between: see `remove-copies.ts`.
 *
 * @throws ServiceError NOT_FOUND, FORBIDDEN by policy, OVER_LIMIT for `user_storage_quota`, CONFLICT for data in use, UNAVAILABLE, and what the plan throws. Nothing has changed then, but that copies which were deleted before a
 *   later one failed are gone.
 */
export async function changeLocations(
  context: RequestContext,
  deps: Deps,
  subject: { readonly id: string; readonly rule: string | readonly string[] },
  plan: (image: Image, sizes: Sizes) => LocationsPlan,
): Promise<FoundImage> {
  const found = await tidyLocations(deps, await findVisible(context, deps, subject.id))
  for (const rule of [subject.rule].flat()) permit(context, deps, rule, found)
  const { added } = plan(found.image, null)
  const sizes = new Map<string, number>()
  for (const location of added) sizes.set(location.url, await sizeAt(context, deps, subject.id, location))
  if (added.length > 0) {
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    await assertStorageQuota(deps, { owner: found.image.owner, except: null }, bytes)
  }
  let removed: readonly ImageLocation[] = []
  const first = await changeVisible(context, deps, subject, (image) => {
    const made = plan(image, sizes)
    removed = made.removed
    return removed.length === 0 ? made.changes : { locations: marked(image.locations, removed) }
  })
  const changed = removed.length === 0 ? first : await afterDeletion(context, deps, first, { removed, sizes, plan })
  if (added.length > 0) await publishAcls(context, deps, subject.id)
  return changed
}

interface Deletion {
  readonly removed: readonly ImageLocation[]
  readonly sizes: Sizes
  readonly plan: (image: Image, sizes: Sizes) => LocationsPlan
}

async function afterDeletion(
  context: RequestContext,
  deps: Deps,
  { image: { id }, memberStatus }: FoundImage,
  { removed, sizes, plan }: Deletion,
): Promise<FoundImage> {
  await deleteCopies(context, deps, id, removed)
  try {
    const image = await deps.images.change(
      id,
      deps.clock.now(),
      (present) => plan({ ...present, locations: restored(present.locations, removed) }, sizes).changes,
    )
    if (!image) throw imageNotFound(id)
    return { image, memberStatus }
  } catch (error) {
    // The image was changed meanwhile, so that the rest of the plan does not fit it any more; the data are gone all the same.
    await dropCopies(deps, id, removed)
    throw error
  }
}
