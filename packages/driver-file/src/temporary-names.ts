/**
 * Names of the files that the store keeps beside images. All are hidden, which no image is: ids start with a letter or digit.
 *
 * `.add~<id>~<host>~<boot id>~<namespace>~<pid>~<start>~<random>`  an upload under way
 * `.claim~<id>`  held for the moment in which an image is published when a link alone cannot decide who wins; its content is the owner
 * `.glance-store`  the mark of a data directory
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Owner } from './owner.ts'

/** The name of the file that marks a data directory. */
export const markName = '.glance-store'

/** What can be read from the name of an upload. */
export interface UploadName {
  readonly idKey: string
  readonly owner: Owner
}

/** A new name for an upload of an image. */
export function uploadName(imageId: string, owner: Owner): string {
  return `.add~${idKey(imageId)}~${formatOwner(owner)}~${randomBytes(6).toString('hex')}`
}

/** Reads the name of an upload; null for every other name. */
export function parseUploadName(name: string): UploadName | null {
  const [prefix, key, ...rest] = name.split('~')
  if (prefix !== '.add' || !key || rest.length !== 6) return null
  const owner = parseOwner(rest.slice(0, 5).join('~'))
  return owner && { idKey: key, owner }
}

/** The name of the claim on an image id. */
export function claimName(imageId: string): string {
  return `.claim~${idKey(imageId)}`
}

/** Whether a name is that of a claim. */
export function isClaimName(name: string): boolean {
  return name.startsWith('.claim~')
}

/** The part of a temporary name that stands for an image id: the id, or for long ones its beginning and a digest, since names have 255 bytes. */
export function idKey(imageId: string): string {
  if (imageId.length <= 64) return imageId
  // No id contains the +, so no short id is mistaken for a long one.
  return `${imageId.slice(0, 30)}+${createHash('sha256').update(imageId).digest('hex').slice(0, 32)}`
}

/** An owner as text. */
export function formatOwner({ host, boot, namespace, pid, started }: Owner): string {
  return [host, boot, namespace, pid, started].join('~')
}

/** Reads the text of an owner; null when it is malformed. */
export function parseOwner(text: string): Owner | null {
  const [host, boot, namespace, pid, started, ...rest] = text.trim().split('~')
  if (host === undefined || boot === undefined || namespace === undefined || !pid || started === undefined) return null
  return rest.length > 0 ? null : { host, boot, namespace, pid, started }
}
