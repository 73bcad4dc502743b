import type { Images, MemberStatus, Members, Metadefs, Usage } from '@glance/service'
import SqliteDatabase from 'better-sqlite3'
import { openImages } from './open.ts'

/** An empty set of records, and sharing as Glance writes it. */
export interface TestRecords extends AsyncDisposable {
  readonly images: Images
  readonly members: Members
  readonly usage: Usage
  readonly metadefs: Metadefs
  /** Shares an image with a project. */
  share(imageId: string, project: string, status: MemberStatus): void
}

/** A database system that the suite of the port runs on. */
export interface TestSystem {
  readonly name: string
  open(): Promise<TestRecords>
}

/** Every system there is. */
export const systems: readonly TestSystem[] = [{ name: 'SQLite', open: openInMemory }]

async function openInMemory(): Promise<TestRecords> {
  const opened = await openImages(new SqliteDatabase(':memory:'))
  return {
    images: opened.images,
    members: opened.members,
    usage: opened.usage,
    metadefs: opened.metadefs,
    share: (imageId, project, status) => {
      opened.handle
        .prepare(
          `insert into image_members (image_id, member, can_share, created_at, deleted, status)
            values (?, ?, 0, '2024-01-01 00:00:00.000000', 0, ?)`,
        )
        .run(imageId, project, status)
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
