import type { ImageQuery, NewImage } from '@glance/service'

/** When test images are made unless a test says otherwise. */
export const birth: Date = new Date('2024-05-06T07:08:09.123Z')

let count = 0

/** A new image of project `owner-project` with an id of its own. */
export function anImage(members: Partial<NewImage> = {}): NewImage {
  count += 1
  return {
    id: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    name: `image ${count}`,
    status: 'active',
    visibility: 'shared',
    protected: false,
    hidden: false,
    owner: 'owner-project',
    size: 1024,
    virtualSize: null,
    checksum: null,
    hashAlgorithm: null,
    hashValue: null,
    diskFormat: 'raw',
    containerFormat: 'bare',
    minDisk: 0,
    minRam: 0,
    createdAt: birth,
    tags: [],
    properties: new Map(),
    locations: [],
    ...members,
  }
}

/** A list of everything that project `viewer-project` sees, newest first. */
export function aQuery(members: Partial<ImageQuery> = {}): ImageQuery {
  return {
    viewer: { project: 'viewer-project', admin: false },
    visibility: null,
    memberStatus: 'accepted',
    hidden: false,
    filters: [],
    properties: new Map(),
    tags: [],
    sort: [
      { key: 'created_at', direction: 'desc' },
      { key: 'id', direction: 'desc' },
    ],
    limit: 25,
    marker: null,
    ...members,
  }
}

/** The order that the command line asks for unless told otherwise. */
export const byName: ImageQuery['sort'] = [
  { key: 'name', direction: 'asc' },
  { key: 'created_at', direction: 'asc' },
  { key: 'id', direction: 'asc' },
]

/** An administrator of project `admin-project`. */
export const admin: ImageQuery['viewer'] = { project: 'admin-project', admin: true }
