/** Image records in memory, with the contract of the port: for the tests of use cases. Faults can be set for single methods. */
import { ServiceError } from '../../../src/domain/errors.ts'
import type { FoundImage, Image, ImageChanges, ImageLocation, MemberStatus } from '../../../src/domain/image.ts'
import type { Member } from '../../../src/domain/member.ts'
import type { FilterField, ImageFilter, ImageQuery, SortKey } from '../../../src/domain/query.ts'
import { isListed } from '../../../src/domain/visibility.ts'
import type { Images, NewImage } from '../../../src/ports/images.ts'

type Comparable = string | number

const columnOf: Readonly<Record<FilterField | SortKey, (image: Image) => string | number | boolean | Date | null>> = {
  id: (image) => image.id,
  name: (image) => image.name,
  status: (image) => image.status,
  container_format: (image) => image.containerFormat,
  disk_format: (image) => image.diskFormat,
  owner: (image) => image.owner,
  checksum: (image) => image.checksum,
  os_hash_algo: (image) => image.hashAlgorithm,
  os_hash_value: (image) => image.hashValue,
  protected: (image) => image.protected,
  size: (image) => image.size,
  virtual_size: (image) => image.virtualSize,
  min_ram: (image) => image.minRam,
  min_disk: (image) => image.minDisk,
  created_at: (image) => image.createdAt,
  updated_at: (image) => image.updatedAt,
}

export class MemoryImages implements Images {
  readonly #records = new Map<string, Image>()
  readonly #members = new Map<string, Map<string, Member>>()
  /** Awaited at the start of each call; a test makes it throw or act in between. */
  before: (method: keyof Images, id?: string) => void | Promise<void> = () => {}
  /** Awaited when a change is already durable; what it throws is an answer that got lost. */
  after: (method: keyof Images, id?: string) => void | Promise<void> = () => {}

  /** Puts a record there as it is. */
  put(image: Image): void {
    this.#records.set(image.id, image)
  }

  share(id: string, project: string, status: MemberStatus): void {
    const at = new Date('2029-06-01T00:00:00Z')
    this.membersOf(id).set(project, { imageId: id, memberId: project, status, createdAt: at, updatedAt: at })
  }

  /** The members of an image by project, to read and to change. */
  membersOf(id: string): Map<string, Member> {
    const members = this.#members.get(id) ?? new Map<string, Member>()
    this.#members.set(id, members)
    return members
  }

  /** Every record, also of deleted images. */
  get all(): readonly Image[] {
    return [...this.#records.values()]
  }

  /** The record whatever its state, for assertions. */
  peek(id: string): Image | undefined {
    return this.#records.get(id)
  }

  async find(id: string, project: string | null): Promise<FoundImage | null> {
    await this.before('find', id)
    const image = this.#live(id)
    return image ? this.#found(image, project) : null
  }

  async isTaken(id: string): Promise<boolean> {
    await this.before('isTaken', id)
    return this.#records.has(id)
  }

  async insert(image: NewImage): Promise<Image> {
    await this.before('insert', image.id)
    if (this.#records.has(image.id)) throw new ServiceError('CONFLICT', `Image ID ${image.id} already exists!`)
    const record = { ...image, updatedAt: image.createdAt }
    this.#records.set(image.id, record)
    return record
  }

  async change(id: string, now: Date, decide: (image: Image) => ImageChanges | null): Promise<Image | null> {
    await this.before('change', id)
    const image = this.#live(id)
    if (!image) return null
    const changes = decide(image)
    const changed = changes ? { ...image, ...changes, updatedAt: now } : image
    this.#records.set(id, changed)
    await this.after('change', id)
    return changed
  }

  async remove(id: string, now: Date, decide: (image: Image) => void): Promise<Image | null> {
    await this.before('remove', id)
    const image = this.#live(id)
    if (!image) return null
    decide(image)
    this.#records.set(id, { ...image, status: 'deleted', locations: [], updatedAt: now })
    return image
  }

  async list(query: ImageQuery): Promise<readonly FoundImage[]> {
    await this.before('list')
    const ordered = [...this.#records.values()].toSorted((a, b) => compareBy(query, a, b))
    const marker = query.marker === null ? undefined : this.#live(query.marker)
    if (query.marker !== null && !marker) throw new ServiceError('INVALID', 'unknown marker')
    return ordered
      .filter((image) => !marker || compareBy(query, marker, image) < 0)
      .map((image) => this.#found(image, query.viewer.project))
      .filter((found) => isListed(query, found) && fits(query, found.image))
      .slice(0, query.limit)
  }

  async idsInStatus(status: Image['status']): Promise<readonly string[]> {
    await this.before('idsInStatus')
    return [...this.#records.values()].filter((image) => image.status === status).map(({ id }) => id)
  }

  async idsWithProperty(name: string): Promise<readonly string[]> {
    await this.before('idsWithProperty')
    return this.#idsOf(({ properties }) => properties.has(name))
  }

  async idsWithPendingLocations(): Promise<readonly string[]> {
    await this.before('idsWithPendingLocations')
    return this.#idsOf(
      ({ status, locations }) =>
        status !== 'pending_delete' && locations.some((location) => location.status === 'pending_delete'),
    )
  }

  async idsAt(url: string): Promise<readonly string[]> {
    await this.before('idsAt')
    return this.#idsOf(({ locations }) => locations.some((location) => location.url === url))
  }

  async rewriteLocations(id: string, rewrite: (location: ImageLocation) => ImageLocation): Promise<Image | null> {
    await this.before('rewriteLocations', id)
    const image = this.#live(id)
    if (!image) return null
    const rewritten = { ...image, locations: image.locations.map(rewrite) }
    this.#records.set(id, rewritten)
    return rewritten
  }

  async check(): Promise<void> {
    await this.before('check')
  }

  #idsOf(isOne: (image: Image) => boolean): string[] {
    return [...this.#records.values()].filter((image) => image.status !== 'deleted' && isOne(image)).map(({ id }) => id)
  }

  #live(id: string): Image | undefined {
    const image = this.#records.get(id)
    return image?.status === 'deleted' ? undefined : image
  }

  #found(image: Image, project: string | null): FoundImage {
    return { image, memberStatus: (project !== null && this.#members.get(image.id)?.get(project)?.status) || null }
  }
}

function fits({ filters, properties, tags }: ImageQuery, image: Image): boolean {
  return (
    filters.every((filter) => passes(filter, image)) &&
    [...properties].every(([name, value]) => image.properties.get(name) === value) &&
    tags.every((tag) => image.tags.includes(tag))
  )
}

function passes({ field, operator, values }: ImageFilter, image: Image): boolean {
  const raw = columnOf[field](image)
  if (raw === null) return false
  const column = comparable(raw)
  const wanted = values.map(comparable)
  if (operator === 'in') return wanted.includes(column)
  const [value = ''] = wanted
  const order = compare(column, value)
  return { eq: order === 0, neq: order !== 0, lt: order < 0, lte: order <= 0, gt: order > 0, gte: order >= 0 }[operator]
}

function comparable(value: string | number | boolean | Date): Comparable {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'boolean' ? Number(value) : value
}

function compare(a: Comparable, b: Comparable): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function compareBy({ sort }: ImageQuery, a: Image, b: Image): number {
  for (const { key, direction } of sort) {
    const [left, right] = [a, b].map((image) => comparable(columnOf[key](image) ?? (key === 'size' ? 0 : '')))
    const order = compare(left ?? '', right ?? '')
    if (order !== 0) return direction === 'asc' ? order : -order
  }
  return 0
}
