/** Which state of an image may follow which, and what a state brings with it (Image API v2, "Image statuses"). */
import { ServiceError, type ServiceErrorCode } from './errors.ts'
import type { Image, ImageFieldChanges, ImageStatus } from './image.ts'

const successors: Readonly<Record<ImageStatus, readonly ImageStatus[]>> = {
  queued: ['saving', 'uploading', 'importing', 'active', 'deleted'],
  saving: ['active', 'killed', 'deleted', 'queued'],
  uploading: ['importing', 'queued', 'deleted'],
  importing: ['active', 'deleted', 'queued'],
  active: ['pending_delete', 'deleted', 'deactivated'],
  deactivated: ['active', 'deleted'],
  killed: ['deleted'],
  pending_delete: ['deleted', 'active'],
  deleted: [],
}

const entersWithData: readonly ImageStatus[] = ['saving', 'importing', 'active']

/** Every state. */
export const imageStatuses: readonly ImageStatus[] = Object.keys(successors) as ImageStatus[]

/** Whether an image in state `from` may come into state `to`. */
export function mayBecome(from: ImageStatus, to: ImageStatus): boolean {
  return successors[from].includes(to)
}

/**
 * What a change of state changes in the record: the state itself, and what is known of data that are no longer there when it goes back to `queued`.
 *
 * @param refusal - the code of a transition that is not allowed: CONFLICT in calls that move data, INVALID in others
 * @throws ServiceError with code `refusal`; INVALID when data are to be stored and a format is not set
 */
export function statusChange(image: Image, to: ImageStatus, refusal: ServiceErrorCode): ImageFieldChanges {
  if (!mayBecome(image.status, to))
    throw new ServiceError(refusal, `Image status transition from ${image.status} to ${to} is not allowed`)
  if (entersWithData.includes(to) && (image.status === 'queued' || image.status === 'uploading')) assertFormats(image)
  if (to !== 'queued') return { status: to }
  return { status: to, size: null, virtualSize: null, checksum: null, hashAlgorithm: null, hashValue: null }
}

function assertFormats(image: Image): void {
  const missing = [
    ...(image.diskFormat === null ? ['disk_format'] : []),
    ...(image.containerFormat === null ? ['container_format'] : []),
  ]
  if (missing.length === 0) return
  const noun = missing.length === 1 ? 'Property' : 'Properties'
  throw new ServiceError('INVALID', `${noun} ${missing.join(', ')} must be set prior to saving data.`)
}

/** Whether the formats of an image may still be changed. */
export function formatsAreOpen(status: ImageStatus): boolean {
  return status === 'queued' || status === 'importing'
}
