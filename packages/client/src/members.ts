import type { ImageMember, MemberStatus } from './image.ts'
import { type CallOptions, imagePath } from './images.ts'
import type { Transport } from './transport.ts'

/** Projects that shared images are shared with. Every method rejects with ImageServiceError or ImageConnectionError. */
export class Members {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** All members for the owner of the image, itself alone for a member. Code FORBIDDEN for images that are not shared. */
  async list(imageId: string, { signal }: CallOptions = {}): Promise<ImageMember[]> {
    const body = await this.#transport.sendForJson({ method: 'GET', path: `${imagePath(imageId)}/members`, signal })
    if (typeof body === 'object' && body !== null && 'members' in body && Array.isArray(body.members))
      return body.members.map((item: unknown) => this.#parse(item))
    throw this.#transport.unexpected(null, 'no list of members')
  }

  /** Code NOT_FOUND also for images that are not shared and for members the caller may not know of. */
  async get(imageId: string, memberId: string, { signal }: CallOptions = {}): Promise<ImageMember> {
    return this.#parse(
      await this.#transport.sendForJson({ method: 'GET', path: memberPath(imageId, memberId), signal }),
    )
  }

  /** Shares an image with a project, which has yet to answer. Codes FORBIDDEN, CONFLICT (it is a member), OVER_LIMIT. */
  async create(imageId: string, memberId: string, { signal }: CallOptions = {}): Promise<ImageMember> {
    const path = `${imagePath(imageId)}/members`
    return this.#parse(await this.#transport.sendForJson({ method: 'POST', path, json: { member: memberId }, signal }))
  }

  /** Answers for a project; nobody but that project and administrators may (else code FORBIDDEN). */
  async update(
    imageId: string,
    memberId: string,
    status: MemberStatus,
    { signal }: CallOptions = {},
  ): Promise<ImageMember> {
    const path = memberPath(imageId, memberId)
    return this.#parse(await this.#transport.sendForJson({ method: 'PUT', path, json: { status }, signal }))
  }

  /** Ends the sharing; for the owner of the image (else code FORBIDDEN). */
  delete(imageId: string, memberId: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#transport.sendForNothing({ method: 'DELETE', path: memberPath(imageId, memberId), signal })
  }

  #parse(value: unknown): ImageMember {
    if (isMember(value)) return value
    throw this.#transport.unexpected(null, 'a member without member_id')
  }
}

function memberPath(imageId: string, memberId: string): string {
  // URL parsers resolve these two as folders, also when percent-encoded.
  if (memberId === '' || memberId === '.' || memberId === '..') throw new TypeError('a member id is needed')
  return `${imagePath(imageId)}/members/${encodeURIComponent(memberId)}`
}

function isMember(value: unknown): value is ImageMember {
  return typeof value === 'object' && value !== null && 'member_id' in value && typeof value.member_id === 'string'
}
