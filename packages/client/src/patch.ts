import type { Image, JsonValue, PatchOperation } from './image.ts'

/** A wish for an image record: members to set and custom properties to drop. A name in both is set. */
export interface ImageChanges {
  readonly set?: Readonly<Record<string, JsonValue>>
  /** Names the image does not have are passed over. */
  readonly remove?: readonly string[]
}

// Members every image has. An old service may leave a newer one out of its answers, and `add` would then be refused by
// services that speak only the first patch format, so these are always replaced.
const BASE_MEMBERS: ReadonlySet<string> = new Set([
  'name',
  'visibility',
  'protected',
  'os_hidden',
  'owner',
  'container_format',
  'disk_format',
  'min_ram',
  'min_disk',
  'tags',
  'locations',
])

/**
 * The shortest patch that turns `image` into what `changes` asks for; empty when it already is.
 *
 * Present members are replaced and new properties added, as python-glanceclient does it. Unlike there, tags travel only
 * when they are among the changes: sending them along would undo what somebody else just tagged.
 */
export function patchFromChanges(image: Image, changes: ImageChanges): PatchOperation[] {
  const set = changes.set ?? {}
  const removed = (changes.remove ?? [])
    .filter((name) => Object.hasOwn(image, name) && !Object.hasOwn(set, name))
    .map((name): PatchOperation => ({ op: 'remove', path: pointer(name) }))
  const changed = Object.entries(set)
    .filter(([name, value]) => !(Object.hasOwn(image, name) && isSame(image[name], value)))
    .map(([name, value]): PatchOperation => {
      const op = Object.hasOwn(image, name) || BASE_MEMBERS.has(name) ? 'replace' : 'add'
      return { op, path: pointer(name), value }
    })
  return [...removed, ...changed]
}

function pointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function isSame(present: unknown, wanted: JsonValue): boolean {
  return JSON.stringify(present) === JSON.stringify(wanted)
}
