import type { Image, Member, MemberChange, Members } from '@glance/service'
import type { Backend } from './backend.ts'
import { imageToWrite } from './image-record.ts'
import { laterThan } from './later-than.ts'
import { isLive } from './live.ts'
import { memberStatus } from './members.ts'
import { assertStorable } from './text.ts'
import type { Connection, Transactions } from './transactions.ts'

/**
 * The members in a Glance database: the port `Members` of the service, over `image_members`.
 *
 * Removal is soft. The table is unique on image, member and time of removal, and as in Glance a project that comes back gets its old row again, so that there is one row for each pair. A change
 * holds the row of the image, so that changes of the members of one image come one after the other.
 */
export class DatabaseMembers implements Members {
  readonly #transactions: Transactions
  readonly #backend: Backend

  constructor(transactions: Transactions, backend: Backend) {
    this.#transactions = transactions
    this.#backend = backend
  }

  list(imageId: string): Promise<readonly Member[]> {
    return this.#transactions.read((connection) => this.#live(connection, imageId))
  }

  change(
    imageId: string,
    now: Date,
    decide: (image: Image, members: readonly Member[]) => MemberChange,
  ): Promise<Member | null> {
    return this.#transactions.write(async (connection) => {
      const image = await imageToWrite(connection, this.#backend, imageId)
      if (image === null) return null
      const members = await this.#live(connection, imageId)
      const change = decide(image, members)
      const present = members.find(({ memberId }) => memberId === change.memberId)
      if (change.kind === 'add') {
        if (present) throw new TypeError('a member is added only once')
        return await this.#add(connection, imageId, change.memberId, now)
      }
      if (!present) throw new TypeError('only a member can answer or be removed')
      if (change.kind === 'remove') {
        await this.#remove(connection, present, now)
        return present
      }
      const at = laterThan(present.updatedAt, now)
      await connection
        .updateTable('image_members')
        .set({ status: change.status, updated_at: this.#backend.values.time(at) })
        .where('image_id', '=', imageId)
        .where('member', '=', change.memberId)
        .where(isLive(this.#backend.values, 'image_members'))
        .execute()
      return await this.#reread(connection, imageId, change.memberId)
    })
  }

  /** Members by project. Two rows of one project, which two Glances at once can make, count as the first. */
  async #live(connection: Connection, imageId: string): Promise<Member[]> {
    const { values } = this.#backend
    const rows = await connection
      .selectFrom('image_members')
      .select(['member', 'status', 'created_at', 'updated_at'])
      .where('image_id', '=', imageId)
      .where(isLive(values, 'image_members'))
      .orderBy('id')
      .execute()
    const members = new Map<string, Member>()
    for (const row of rows) {
      if (members.has(row.member)) continue
      members.set(row.member, {
        imageId,
        memberId: row.member,
        status: memberStatus(row.status),
        createdAt: values.readTime(row.created_at),
        updatedAt: values.readTime(row.updated_at ?? row.created_at),
      })
    }
    return [...members.values()]
  }

  async #add(connection: Connection, imageId: string, memberId: string, now: Date): Promise<Member> {
    assertStorable(memberId)
    const { values } = this.#backend
    const at = values.time(now)
    const fresh = {
      can_share: values.flag(false),
      status: 'pending',
      created_at: at,
      updated_at: at,
      deleted_at: null,
      deleted: values.flag(false),
    }
    const [old] = await this.#rowIds(connection, imageId, memberId)
    if (old === undefined) {
      const row = { image_id: imageId, member: memberId, ...fresh }
      await connection.insertInto('image_members').values(row).execute()
    } else await connection.updateTable('image_members').set(fresh).where('id', '=', old.id).execute()
    return await this.#reread(connection, imageId, memberId)
  }

  /** Marks the rows of a member deleted, each at a time at which no other row of the pair was. */
  async #remove(connection: Connection, { imageId, memberId }: Member, now: Date): Promise<void> {
    const { values } = this.#backend
    const rows = await this.#rowIds(connection, imageId, memberId)
    let at = now
    for (const row of rows) if (row.deleted_at !== null) at = laterThan(values.readTime(row.deleted_at), at)
    for (const row of rows.filter(({ deleted }) => !values.readFlag(deleted))) {
      const gone = { deleted: values.flag(true), deleted_at: values.time(at), updated_at: values.time(at) }
      await connection.updateTable('image_members').set(gone).where('id', '=', row.id).execute()
      at = laterThan(at, at)
    }
  }

  #rowIds(connection: Connection, imageId: string, memberId: string) {
    return connection
      .selectFrom('image_members')
      .select(['id', 'deleted', 'deleted_at'])
      .where('image_id', '=', imageId)
      .where('member', '=', memberId)
      .orderBy('id')
      .execute()
  }

  async #reread(connection: Connection, imageId: string, memberId: string): Promise<Member> {
    const member = (await this.#live(connection, imageId)).find((each) => each.memberId === memberId)
    if (!member) throw new Error('a member vanished inside its own transaction')
    return member
  }
}
