/**
 * Access in the backends themselves: a store that keeps image data in accounts of projects (multi-tenant Swift) opens them to whoever may use the image.
 *
 * Members, visibility and locations of the record are the truth, and this brings the stores that have access lists (`setAcls`) into line with it, after every change of one of the three.
 * A store that fails does not undo the change: it is logged, and the next change sets the lists anew, whole.
 */
import { isStoreError } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { placedLocations } from '../../domain/location.ts'
import { requesterOf } from '../../policy/requester.ts'

/** Longest that one store may take; it is not the caller's to end. */
const longestMs = 60_000

/** Sets the access lists of all data of an image, in the stores that have such lists. Never rejects. */
export async function publishAcls(context: RequestContext, deps: Deps, imageId: string): Promise<void> {
  if (!deps.stores.all.some(({ capabilities }) => capabilities.setAcls)) return
  try {
    const image = (await deps.images.find(imageId, null))?.image
    const placed = image ? placedLocations(image, deps.stores) : []
    const concerned = placed.filter(({ store }) => store?.capabilities.setAcls)
    if (!image || concerned.length === 0) return
    const open = image.visibility === 'public' || image.visibility === 'community'
    const members = image.visibility === 'shared' ? await deps.members.list(imageId) : []
    const acls = { public: open, read: members.map(({ memberId }) => memberId), write: [] }
    for (const { location, store } of concerned) {
      const call = { requester: requesterOf(context), signal: AbortSignal.timeout(longestMs) }
      await store?.setAcls(location.url, acls, call).catch((error: unknown) => {
        // A store that was away when it was asked for its abilities.
        if (isStoreError(error) && error.code === 'UNSUPPORTED') return
        deps.logger.error({ imageId, store: store.id, err: error }, 'access lists of image data were not set')
      })
    }
  } catch (error) {
    deps.logger.error({ imageId, err: error }, 'access lists of image data were not set')
  }
}
