/**
 * Adding a location in the newer way: `POST /v2/images/{id}/locations`, for services (Nova, Cinder) that have put the data into a store themselves, and for users who name a web address.
 *
 * The answer does not wait for the data to be read. What is still to do is noted in the record (`hashingProperty`) and done by `hash.ts`. A task of type `location_import` would begin where the
 * job is handed over here, and end where that job ends.
 */
import { schemeOf } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { Image, ImageChanges, ImageLocation } from '../../domain/image.ts'
import { type GivenLocation, newLocation } from '../../domain/location-body.ts'
import { hashingProperty, importTaskProperty } from '../../domain/properties.ts'
import { statusChange } from '../../domain/status.ts'
import { assertStorageQuota } from '../../limits/static.ts'
import { assertMayWrite, changeVisible, findVisible, permit } from '../../policy/access.ts'
import { requesterOf } from '../../policy/requester.ts'
import { assertUsable, invalidLocation, sizeAt } from './acceptable.ts'
import { publishAcls } from './acls.ts'
import { assertLocationQuota } from './patch-locations.ts'

/** Input of `addImageLocation`. */
export interface AddLocationInput {
  readonly imageId: string
  /** The request's JSON: `{"url": "…", "validation_data": {"os_hash_algo": "…", "os_hash_value": "…"}}`. */
  readonly body: unknown
}

const rule = 'add_image_location'

/**
 * Gives a queued image its data by naming where they lie.
 *
 * Without `do_secure_hash` the image is active at once, with the hash that was given. With it and a hash the image is `importing` until its data were read and compared; with it and no hash
 * it is active at once, and its hash follows.
 *
 * @throws ServiceError INVALID for the body and for locations that cannot be read, NOT_FOUND, FORBIDDEN by policy and for users whose location is no web address, CONFLICT unless the image is
 *   queued, OVER_LIMIT
 */
export async function addImageLocation(
  context: RequestContext,
  deps: Deps,
  { imageId: id, body }: AddLocationInput,
): Promise<void> {
  assertMayWrite(context)
  const given = newLocation(body)
  const found = await findVisible(context, deps, id)
  permit(context, deps, rule, found)
  assertWebAddressOfUsers(context, deps, given)
  assertQueued(found.image)
  const location = assertUsable(deps, given)
  assertLocationQuota(1, deps)
  const size = await sizeAt(context, deps, id, location)
  await assertStorageQuota(deps, { owner: found.image.owner, except: null }, size)
  await changeVisible(context, deps, { id, rule }, (image) => {
    assertQueued(image)
    return withLocation(deps, image, { given, location, size })
  })
  await publishAcls(context, deps, id)
  if (deps.settings.doSecureHash) deps.hashJobs.enqueue(id, requesterOf(context))
}

function assertQueued({ id, status, properties }: Image): void {
  if (properties.has(importTaskProperty)) throw new ServiceError('CONFLICT', `Image ${id} has active task`)
  if (status !== 'queued')
    throw new ServiceError('CONFLICT', `It's not allowed to add locations if image status is ${status}.`)
}

/** What lies in the other stores is known to services; a user could only guess at what is not its own. */
function assertWebAddressOfUsers(context: RequestContext, deps: Deps, { url }: GivenLocation): void {
  if (deps.enforcer.allows('service_api', context, { project_id: context.project })) return
  let scheme: string
  try {
    scheme = schemeOf(url)
  } catch (error) {
    throw invalidLocation(error)
  }
  const web =
    (scheme === 'http' || scheme === 'https') && deps.stores.all.some(({ schemes }) => schemes.includes(scheme))
  if (!web) throw new ServiceError('FORBIDDEN', 'Only http and https locations may be added here.')
}

interface NewLocation {
  readonly given: GivenLocation
  readonly location: ImageLocation
  readonly size: number
}

function withLocation({ settings }: Deps, image: Image, { given, location, size }: NewLocation): ImageChanges {
  const { validation } = given
  const hashes = validation ? { hashAlgorithm: validation.hashAlgorithm, hashValue: validation.hashValue } : {}
  const data = { ...hashes, size, locations: [location] }
  if (!settings.doSecureHash) return { ...statusChange(image, 'active', 'CONFLICT'), ...data }
  const properties = new Map(image.properties).set(hashingProperty, '')
  return { ...statusChange(image, validation ? 'importing' : 'active', 'CONFLICT'), ...data, properties }
}
