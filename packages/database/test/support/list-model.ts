/** What a list must hold, computed from all images in memory by the rules as they are written for users. */
import { type Image, type ImageFilter, type ImageQuery, type MemberStatus, unlistedStatuses } from '@glance/service'

/** An image and what projects answered that it is shared with. */
export interface ModelImage {
  readonly image: Image
  readonly members: ReadonlyMap<string, MemberStatus>
}

/** Ids of the page that the query asks for. */
export function modelPage(images: readonly ModelImage[], query: ImageQuery): string[] {
  const compare = comparison(query)
  const listed = images.filter((entry) => isListed(entry, query)).sort((a, b) => compare(a.image, b.image))
  const marker = images.find(({ image }) => image.id === query.marker)?.image
  return listed
    .map(({ image }) => image)
    .filter((image) => marker === undefined || compare(marker, image) < 0)
    .slice(0, query.limit)
    .map(({ id }) => id)
}

function isListed({ image, members }: ModelImage, query: ImageQuery): boolean {
  return (
    !unlistedStatuses.includes(image.status) &&
    image.hidden === query.hidden &&
    isVisible(image, members, query) &&
    query.filters.every((filter) => passes(image, filter)) &&
    [...query.properties].every(
      ([name, value]) => image.properties.has(name) && (image.properties.get(name) ?? '') === value,
    ) &&
    query.tags.every((tag) => image.tags.includes(tag))
  )
}

function isVisible(image: Image, members: ModelImage['members'], query: ImageQuery): boolean {
  const { project, admin } = query.viewer
  if (query.visibility !== null && query.visibility !== 'all' && image.visibility !== query.visibility) return false
  if (project !== null && image.owner === project) return true
  if (image.visibility === 'community') return query.visibility !== null
  if (admin || image.visibility === 'public') return true
  const status = project === null ? undefined : members.get(project)
  if (image.visibility !== 'shared' || status === undefined) return false
  return query.memberStatus === 'all' || query.memberStatus === status
}

const members = {
  id: 'id',
  name: 'name',
  status: 'status',
  container_format: 'containerFormat',
  disk_format: 'diskFormat',
  owner: 'owner',
  checksum: 'checksum',
  os_hash_algo: 'hashAlgorithm',
  os_hash_value: 'hashValue',
  protected: 'protected',
  size: 'size',
  virtual_size: 'virtualSize',
  min_ram: 'minRam',
  min_disk: 'minDisk',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
} as const satisfies Record<ImageFilter['field'], keyof Image>

function passes(image: Image, { field, operator, values }: ImageFilter): boolean {
  const plain = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value)
  const actual = plain(image[members[field]])
  const wanted = values.map(plain)
  if (operator === 'in' || operator === 'eq') return wanted.includes(actual)
  if (operator === 'neq') return actual !== wanted[0]
  const difference = Number(actual) - Number(wanted[0])
  if (actual === null) return false
  return { lt: difference < 0, lte: difference <= 0, gt: difference > 0, gte: difference >= 0 }[operator]
}

function comparison(query: ImageQuery): (a: Image, b: Image) => number {
  return (a, b) => {
    for (const { key, direction } of query.sort) {
      const difference = compareValues(sortValue(a, key), sortValue(b, key))
      if (difference !== 0) return direction === 'asc' ? difference : -difference
    }
    return 0
  }
}

function sortValue(image: Image, key: ImageQuery['sort'][number]['key']): string | number {
  const value = image[members[key]]
  if (value instanceof Date) return value.getTime()
  return value ?? (key === 'size' ? 0 : '')
}

function compareValues(a: string | number, b: string | number): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
