/** Metadata definitions in memory, with the contract of the port: for the tests of use cases. */
import { itemTaken, type MetadefKind, type Timed } from '../../../src/domain/metadef/kind.ts'
import {
  type Contents,
  isNamespaceVisible,
  type ListedNamespace,
  type MetadefNamespace,
  type NamespaceFields,
  type NamespaceQuery,
  type NewContents,
  namespaceTaken,
} from '../../../src/domain/metadef/namespace.ts'
import type { ResourceType } from '../../../src/domain/metadef/resource-type.ts'
import type { LoadMode, MetadefItems, Metadefs } from '../../../src/ports/metadefs.ts'

interface Kept {
  namespace: MetadefNamespace
  readonly items: Readonly<Record<MetadefKind, Map<string, Timed & { readonly name: string }>>>
}

type Permit = (namespace: MetadefNamespace) => void

export class MemoryMetadefs implements Metadefs {
  readonly associations: Metadefs['associations'] = this.#itemsOf('association')
  readonly properties: Metadefs['properties'] = this.#itemsOf('property')
  readonly objects: Metadefs['objects'] = this.#itemsOf('object')
  readonly tags: Metadefs['tags'] = this.#itemsOf('tag')
  readonly #kept = new Map<string, Kept>()
  readonly #types = new Map<string, ResourceType>()
  /** Called at the start of each change; a test acts in between. */
  before: () => void = () => {}

  /** Changes a namespace behind everybody's back. */
  put(name: string, changed: Partial<NamespaceFields>): void {
    const kept = this.#kept.get(name)
    if (!kept) throw new Error(`no namespace ${name}`)
    kept.namespace = { ...kept.namespace, ...changed }
  }

  async find(name: string): Promise<{ namespace: MetadefNamespace; contents: Contents } | null> {
    const kept = this.#kept.get(name)
    return kept ? { namespace: kept.namespace, contents: contentsOf(kept) } : null
  }

  async list(query: NamespaceQuery): Promise<readonly ListedNamespace[] | null> {
    const { viewer, visibility, resourceTypes, direction, limit, marker } = query
    const seen = [...this.#kept.values()].filter(({ namespace, items }) => {
      const wanted = resourceTypes === null || resourceTypes.some((type) => items.association.has(type))
      return isNamespaceVisible(viewer, namespace) && wanted && [null, namespace.visibility].includes(visibility)
    })
    // Only the order of making: others are for the tests of the database.
    const ordered = direction === 'asc' ? seen : seen.toReversed()
    const at = marker === null ? -1 : ordered.findIndex(({ namespace }) => namespace.namespace === marker)
    const found = marker === null ? null : this.#kept.get(marker)
    if (found === undefined || (found && !isNamespaceVisible(viewer, found.namespace))) return null
    return ordered.slice(at + 1, at + 1 + limit).map((kept) => ({
      namespace: kept.namespace,
      associations: contentsOf(kept).associations,
    }))
  }

  async insert(fields: NamespaceFields, contents: NewContents, now: Date): Promise<MetadefNamespace> {
    this.before()
    if (this.#kept.has(fields.namespace)) throw namespaceTaken(fields.namespace)
    const namespace = { ...fields, createdAt: now, updatedAt: now }
    const items = { association: new Map(), property: new Map(), object: new Map(), tag: new Map() }
    const kept = { namespace, items }
    for (const [kind, list] of listsOf(contents)) this.#add(kept, kind, list, now)
    this.#kept.set(fields.namespace, kept)
    return namespace
  }

  async change(name: string, now: Date, decide: (namespace: MetadefNamespace) => NamespaceFields) {
    this.before()
    const kept = this.#kept.get(name)
    if (!kept) return null
    const fields = decide(kept.namespace)
    if (fields.namespace !== name && this.#kept.has(fields.namespace)) throw namespaceTaken(fields.namespace)
    kept.namespace = { ...kept.namespace, ...fields, updatedAt: now }
    this.#kept.delete(name)
    this.#kept.set(fields.namespace, kept)
    return kept.namespace
  }

  async remove(name: string, permit: Permit): Promise<boolean> {
    this.before()
    const kept = this.#kept.get(name)
    if (!kept) return false
    permit(kept.namespace)
    return this.#kept.delete(name)
  }

  async resourceTypes(): Promise<readonly ResourceType[]> {
    return [...this.#types.values()]
  }

  async load(fields: NamespaceFields, contents: NewContents, now: Date, mode: LoadMode): Promise<boolean> {
    const kept = this.#kept.get(fields.namespace)
    if (kept && mode === 'overwrite') this.#kept.delete(fields.namespace)
    if (!kept || mode === 'overwrite') await this.insert(fields, contents, now)
    else if (mode !== 'skip') {
      if (mode === 'prefer-new') kept.namespace = { ...kept.namespace, ...fields, updatedAt: now }
      for (const [kind, list] of listsOf(contents)) {
        const old = mode === 'prefer-new' ? list : []
        for (const { name } of old) kept.items[kind].delete(name)
        const missing = list.filter(({ name }) => !kept.items[kind].has(name))
        this.#add(kept, kind, missing, now)
      }
    }
    return !kept
  }

  async names(): Promise<readonly string[]> {
    return [...this.#kept.keys()].sort()
  }

  async clear(): Promise<number> {
    const { size } = this.#kept
    this.#kept.clear()
    this.#types.clear()
    return size
  }

  #add(kept: Kept, kind: MetadefKind, items: readonly { readonly name: string }[], now: Date): void {
    for (const item of items) {
      if (kept.items[kind].has(item.name)) throw itemTaken(kind, item.name, kept.namespace.namespace)
      kept.items[kind].set(item.name, { ...item, createdAt: now, updatedAt: now })
      if (kind === 'association' && !this.#types.has(item.name))
        this.#types.set(item.name, { name: item.name, createdAt: now, updatedAt: now })
    }
  }

  #itemsOf<New extends { readonly name: string }, Item extends New & Timed>(
    kind: MetadefKind,
  ): MetadefItems<New, Item> {
    const held = (name: string): Kept | null => {
      this.before()
      return this.#kept.get(name) ?? null
    }
    return {
      list: async (namespace) => {
        const kept = this.#kept.get(namespace)
        return kept ? { namespace: kept.namespace, items: inOrder(kept, kind) as unknown as Item[] } : null
      },
      find: async (namespace, name) => {
        const kept = this.#kept.get(namespace)
        return kept
          ? { namespace: kept.namespace, item: (kept.items[kind].get(name) as Item | undefined) ?? null }
          : null
      },
      add: async (namespace, items, now, permit, instead = false) => {
        const kept = held(namespace)
        if (!kept) return null
        permit(kept.namespace)
        const before = new Map(kept.items[kind])
        if (instead) kept.items[kind].clear()
        try {
          this.#add(kept, kind, items, now)
        } catch (error) {
          kept.items[kind].clear()
          for (const [name, item] of before) kept.items[kind].set(name, item)
          throw error
        }
        return items.map(({ name }) => kept.items[kind].get(name) as Item)
      },
      replace: async (namespace, name, item, now, permit) => {
        const kept = held(namespace)
        if (!kept) return null
        permit(kept.namespace)
        const present = kept.items[kind].get(name)
        if (!present) return 'missing'
        if (item.name !== name && kept.items[kind].has(item.name)) throw itemTaken(kind, item.name, namespace)
        kept.items[kind].delete(name)
        kept.items[kind].set(item.name, { ...item, createdAt: present.createdAt, updatedAt: now })
        return kept.items[kind].get(item.name) as Item
      },
      remove: async (namespace, name, permit) => {
        const kept = held(namespace)
        if (!kept) return null
        permit(kept.namespace, (kept.items[kind].get(name) as Item | undefined) ?? null)
        return kept.items[kind].delete(name)
      },
      clear: async (namespace, permit) => {
        const kept = held(namespace)
        if (!kept) return null
        permit(kept.namespace)
        kept.items[kind].clear()
        return true
      },
    }
  }
}

function listsOf(contents: NewContents): readonly (readonly [MetadefKind, readonly { readonly name: string }[]])[] {
  const { associations, properties, objects, tags } = contents
  return [
    ['association', associations ?? []],
    ['property', properties ?? []],
    ['object', objects ?? []],
    ['tag', tags ?? []],
  ]
}

function inOrder(kept: Kept, kind: MetadefKind): readonly unknown[] {
  const items = [...kept.items[kind].values()]
  if (kind === 'association') return items
  return kind === 'tag' ? items.reverse() : items.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function contentsOf(kept: Kept): Contents {
  const list = (kind: MetadefKind) => inOrder(kept, kind)
  return {
    associations: list('association'),
    properties: list('property'),
    objects: list('object'),
    tags: list('tag'),
  } as unknown as Contents
}
