import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { type ImageActionInput, switchState } from './deactivate.ts'

/**
 * Opens the data of a deactivated image again. Does nothing when it is active already.
 *
 * @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in every other state
 */
export async function reactivateImage(
  context: RequestContext,
  deps: Deps,
  { imageId }: ImageActionInput,
): Promise<void> {
  await switchState(context, deps, imageId, { action: 'reactivate', from: 'deactivated', to: 'active' })
}
