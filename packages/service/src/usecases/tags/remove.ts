import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import { quote } from '../../domain/json-schema.ts'
import { assertMayWrite, changeVisible } from '../../policy/access.ts'
import type { TagInput } from './add.ts'

/** Takes a tag off an image. @throws ServiceError NOT_FOUND when the image or its tag is not there, FORBIDDEN */
export async function removeTag(context: RequestContext, deps: Deps, { imageId, tag }: TagInput): Promise<void> {
  assertMayWrite(context)
  await changeVisible(context, deps, { id: imageId, rule: 'modify_image' }, (image) => {
    if (!image.tags.includes(tag))
      throw new ServiceError('NOT_FOUND', `Image ${image.id} does not have the tag ${quote(tag)}`)
    return { tags: image.tags.filter((each) => each !== tag) }
  })
}
