import type { Image } from '../domain/image.ts'
import type { Member, MemberChange } from '../domain/member.ts'

/** The projects that images are shared with. Every method is one transaction, as those of `Images` are. */
export interface Members {
  /** All members of an image, whatever its visibility, in the order in which they were added first. Empty when there is no such image. */
  list(imageId: string): Promise<readonly Member[]>

  /**
   * Changes one member of an image by a decision on the image and its members as they are now.
   *
   * `decide` is synchronous, without side effects, and may be called again when another writer was faster; what it throws ends the transaction without a change. Of two
   * changes at once each sees the result of the other, so that quotas hold. It must add only a project that is no member, and name one that is for everything else
   * (else TypeError). The image itself, its `updatedAt` too, stays as it is.
   *
   * @returns the member after the change, or as it was when it was removed; null when the image does not exist or is deleted
   */
  change(
    imageId: string,
    now: Date,
    decide: (image: Image, members: readonly Member[]) => MemberChange,
  ): Promise<Member | null>
}
