/** Members of the images of a `MemoryImages`, with the contract of the port: for the tests of use cases. */
import type { Image } from '../../../src/domain/image.ts'
import type { Member, MemberChange } from '../../../src/domain/member.ts'
import type { Members } from '../../../src/ports/members.ts'
import type { MemoryImages } from './images.ts'

export class MemoryMembers implements Members {
  readonly #images: MemoryImages
  /** Called at the start of each change; a test acts in between. */
  before: () => void = () => {}

  constructor(images: MemoryImages) {
    this.#images = images
  }

  async list(imageId: string): Promise<readonly Member[]> {
    return [...this.#images.membersOf(imageId).values()]
  }

  async change(
    imageId: string,
    now: Date,
    decide: (image: Image, members: readonly Member[]) => MemberChange,
  ): Promise<Member | null> {
    this.before()
    const image = this.#images.peek(imageId)
    if (!image || image.status === 'deleted') return null
    const members = this.#images.membersOf(imageId)
    const change = decide(image, [...members.values()])
    const { memberId } = change
    const present = members.get(memberId)
    if ((change.kind === 'add') !== (present === undefined)) throw new TypeError(`${change.kind} does not fit`)
    const status = change.kind === 'answer' ? change.status : (present?.status ?? 'pending')
    const member = { imageId, memberId, status, createdAt: present?.createdAt ?? now, updatedAt: now }
    if (change.kind === 'remove') members.delete(memberId)
    else members.set(memberId, member)
    return change.kind === 'remove' && present ? present : member
  }
}
