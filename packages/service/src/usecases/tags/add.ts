import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { assertTag, assertTagQuota } from '../../domain/properties.ts'
import { assertMayWrite, changeVisible } from '../../policy/access.ts'

/** Input of `addTag` and `removeTag`. */
export interface TagInput {
  readonly imageId: string
  readonly tag: string
}

/**
 * Puts a tag on an image. Does nothing when it is there already.
 *
 * @throws ServiceError INVALID for tags over 255 characters, NOT_FOUND, FORBIDDEN, OVER_LIMIT for the quota
 */
export async function addTag(context: RequestContext, deps: Deps, { imageId, tag }: TagInput): Promise<void> {
  assertMayWrite(context)
  assertTag(tag)
  await changeVisible(context, deps, { id: imageId, rule: 'modify_image' }, (image) => {
    if (image.tags.includes(tag)) return null
    const tags = [...image.tags, tag]
    assertTagQuota(tags, deps.settings.imageTagQuota)
    return { tags }
  })
}
