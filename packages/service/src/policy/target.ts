import type { FoundImage, Image } from '../domain/image.ts'
import type { PolicyTarget } from '../ports/enforcer.ts'

/**
 * What policy rules see of an image.
 *
 * Names are those that Glance's policy files use. Additional properties are there too, under the image's own members: a property that a user names `project_id` must not
 * answer for the owner.
 *
 * @param project - of the caller; it is `member_id` when the image is shared with it
 */
export function imageTarget({ image, memberStatus }: FoundImage, project: string | null): PolicyTarget {
  const target: Record<string, unknown> = Object.create(null)
  for (const [name, value] of image.properties) target[name] = value
  const shared = image.visibility === 'shared' && memberStatus !== null
  return Object.assign(target, ownMembers(image), { member_id: shared ? project : null })
}

function ownMembers(image: Image): PolicyTarget {
  return {
    project_id: image.owner,
    owner: image.owner,
    tenant: image.owner,
    image_id: image.id,
    name: image.name,
    status: image.status,
    visibility: image.visibility,
    protected: image.protected,
    os_hidden: image.hidden,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    checksum: image.checksum,
    os_hash_algo: image.hashAlgorithm,
    os_hash_value: image.hashValue,
    size: image.size,
    virtual_size: image.virtualSize,
    min_disk: image.minDisk,
    min_ram: image.minRam,
    created_at: image.createdAt,
    updated_at: image.updatedAt,
    tags: image.tags,
  }
}
