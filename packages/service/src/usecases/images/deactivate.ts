import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import { assertMayWrite, changeVisible } from '../../policy/access.ts'

/** Input of `deactivateImage` and `reactivateImage`. */
export interface ImageActionInput {
  readonly imageId: string
}

/**
 * Closes the data of an active image to everybody but administrators. Does nothing when it is deactivated already.
 *
 * @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in every other state
 */
export async function deactivateImage(
  context: RequestContext,
  deps: Deps,
  { imageId }: ImageActionInput,
): Promise<void> {
  await switchState(context, deps, imageId, { action: 'deactivate', from: 'active', to: 'deactivated' })
}

/** One direction of the switch. `action` is the name of the policy rule, too. */
interface Switch {
  readonly action: 'deactivate' | 'reactivate'
  readonly from: 'active' | 'deactivated'
  readonly to: 'active' | 'deactivated'
}

/** Both directions of the switch between `active` and `deactivated`; see `deactivateImage` and `reactivateImage`. */
export async function switchState(
  context: RequestContext,
  deps: Deps,
  id: string,
  { action, from, to }: Switch,
): Promise<void> {
  assertMayWrite(context)
  await changeVisible(context, deps, { id, rule: action }, ({ status }) => {
    if (status === to) return null
    if (status !== from) throw new ServiceError('FORBIDDEN', `Not allowed to ${action} image in status '${status}'`)
    return { status: to }
  })
}
