import { type CallOptions, imagePath } from './images.ts'
import type { Transport } from './transport.ts'

/** Tags of images. Every method rejects with ImageServiceError or ImageConnectionError. */
export class Tags {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Adds a tag; does nothing when the image has it. */
  add(imageId: string, tag: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#transport.sendForNothing({ method: 'PUT', path: tagPath(imageId, tag), signal })
  }

  /** Removes a tag. Code NOT_FOUND when the image does not have it. */
  remove(imageId: string, tag: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#transport.sendForNothing({ method: 'DELETE', path: tagPath(imageId, tag), signal })
  }
}

function tagPath(imageId: string, tag: string): string {
  // URL parsers resolve these two as folders, also when percent-encoded.
  if (tag === '' || tag === '.' || tag === '..') throw new TypeError(`"${tag}" cannot travel as a tag in a URL`)
  return `${imagePath(imageId)}/tags/${encodeURIComponent(tag)}`
}
