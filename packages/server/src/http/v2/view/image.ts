import { type Deps, type FoundImage, type RequestContext, shownLocations, shownProperties } from '@glance/service'

/** A time as the API writes it: UTC, whole seconds. */
export function wireTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

/** An image as the API shows it to one caller: additional properties first, then the base members in Glance's order. */
export function imageView(found: FoundImage, context: RequestContext, deps: Deps): Readonly<Record<string, unknown>> {
  const { image } = found
  // What is null shows as such only where the site's schema lets it.
  const site = deps.settings.siteSchema
  const { directUrl, locations, stores } = shownLocations(context, deps, found)
  const self = `/v2/images/${image.id}`
  const members: readonly (readonly [string, unknown])[] = [
    ...shownProperties(context, deps, image).map(
      ([name, value]) => [name, value ?? (site?.properties.has(name) ? null : '')] as const,
    ),
    ['name', image.name],
    ['disk_format', image.diskFormat],
    ['container_format', image.containerFormat],
    ['visibility', image.visibility],
    ['size', image.size],
    ['virtual_size', image.virtualSize],
    ['status', image.status],
    ['checksum', image.checksum],
    ['protected', image.protected],
    ['min_ram', image.minRam],
    ['min_disk', image.minDisk],
    ['owner', image.owner],
    ['os_hidden', image.hidden],
    ['os_hash_algo', image.hashAlgorithm],
    ['os_hash_value', image.hashValue],
    ['id', image.id],
    ['created_at', wireTime(image.createdAt)],
    ['updated_at', wireTime(image.updatedAt)],
    ...(locations === null ? [] : [['locations', locations.map(({ url, metadata }) => ({ url, metadata }))] as const]),
    ...(directUrl === null ? [] : [['direct_url', directUrl] as const]),
    ['tags', image.tags],
    ['self', self],
    ['file', `${self}/file`],
    ['schema', '/v2/schemas/image'],
    ...(stores.length === 0 ? [] : [['stores', stores.join(',')] as const]),
  ]
  // Not an object literal: a property may be called __proto__.
  return Object.fromEntries(members)
}
