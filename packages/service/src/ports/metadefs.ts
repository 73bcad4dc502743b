import type { Timed } from '../domain/metadef/kind.ts'
import type {
  Contents,
  ListedNamespace,
  MetadefNamespace,
  NamespaceFields,
  NamespaceQuery,
  NewContents,
} from '../domain/metadef/namespace.ts'
import type { MetadefObject, NewMetadefObject } from '../domain/metadef/object.ts'
import type { MetadefProperty, NewMetadefProperty } from '../domain/metadef/property.ts'
import type { Association, NewAssociation, ResourceType } from '../domain/metadef/resource-type.ts'
import type { MetadefTag, NewMetadefTag } from '../domain/metadef/tag.ts'

/**
 * What is in namespaces, of one kind, each by its name. Every method is one transaction. Null as a whole answer: there is no such namespace.
 *
 * `permit` gets the namespace as it is now, synchronously and without side effects, before anything is changed; what it throws ends the transaction without a change. It may be called again when another
 * writer was faster.
 */
export interface MetadefItems<New extends { readonly name: string }, Item extends New & Timed> {
  /** All of a namespace, with it: tags newest first, associations oldest first, the others by name. */
  list(namespace: string): Promise<{ readonly namespace: MetadefNamespace; readonly items: readonly Item[] } | null>

  /** The one of a name, with its namespace; null when there is none. */
  find(
    namespace: string,
    name: string,
  ): Promise<{ readonly namespace: MetadefNamespace; readonly item: Item | null } | null>

  /**
   * Adds all or none.
   *
   * @param instead - whether they take the place of all that is there
   * @returns them, as they were given, with their times
   * @throws ServiceError CONFLICT when a name is taken
   */
  add(
    namespace: string,
    items: readonly New[],
    now: Date,
    permit: (namespace: MetadefNamespace) => void,
    instead?: boolean,
  ): Promise<readonly Item[] | null>

  /** Puts another in the place of the one of a name; it may have another name. @returns it, or `missing`. @throws ServiceError CONFLICT when that is taken */
  replace(
    namespace: string,
    name: string,
    item: New,
    now: Date,
    permit: (namespace: MetadefNamespace) => void,
  ): Promise<Item | 'missing' | null>

  /** Removes the one of a name. @returns whether there was one. `permit` is called in either case */
  remove(
    namespace: string,
    name: string,
    permit: (namespace: MetadefNamespace, item: Item | null) => void,
  ): Promise<boolean | null>

  /** Removes all. */
  clear(namespace: string, permit: (namespace: MetadefNamespace) => void): Promise<true | null>
}

/** What becomes of a namespace that is loaded while there is one of its name. */
export type LoadMode = 'skip' | 'merge' | 'prefer-new' | 'overwrite'

/** Metadata definitions. Every method is one transaction: it happens wholly or not at all, and what it returned is durable. */
export interface Metadefs {
  readonly associations: MetadefItems<NewAssociation, Association>
  readonly properties: MetadefItems<NewMetadefProperty, MetadefProperty>
  readonly objects: MetadefItems<NewMetadefObject, MetadefObject>
  readonly tags: MetadefItems<NewMetadefTag, MetadefTag>

  /** The namespace of a name, whoever asks, with all that is in it. */
  find(namespace: string): Promise<{ readonly namespace: MetadefNamespace; readonly contents: Contents } | null>

  /** One page in the order of the query, or null when its marker does not exist or is not the viewer's to see. What an association with several types finds comes once. */
  list(query: NamespaceQuery): Promise<readonly ListedNamespace[] | null>

  /** Makes a namespace with what is in it. @throws ServiceError CONFLICT when a name is taken */
  insert(namespace: NamespaceFields, contents: NewContents, now: Date): Promise<MetadefNamespace>

  /**
   * Changes a namespace by a decision on its present state, as `Images.change` does. What is in it stays.
   *
   * @returns it after the change, or null when there is none. @throws ServiceError CONFLICT when the new name is taken
   */
  change(
    namespace: string,
    now: Date,
    decide: (namespace: MetadefNamespace) => NamespaceFields,
  ): Promise<MetadefNamespace | null>

  /** Removes a namespace with all that is in it; types of resources stay. `permit` may throw to refuse. @returns whether there was one */
  remove(namespace: string, permit: (namespace: MetadefNamespace) => void): Promise<boolean>

  /** All types of resources that were ever associated, oldest first. */
  resourceTypes(): Promise<readonly ResourceType[]>

  /**
   * Puts in a namespace out of a file.
   *
   * Where there is one of its name: `skip` leaves it as it is, `merge` adds what is missing in it, `prefer-new` also puts the new in the place of the old, `overwrite` removes it first.
   *
   * @returns whether it was new
   */
  load(namespace: NamespaceFields, contents: NewContents, now: Date, mode: LoadMode): Promise<boolean>

  /** Names of all namespaces, in their order. */
  names(): Promise<readonly string[]>

  /** Removes everything, types of resources too. @returns how many namespaces there were */
  clear(): Promise<number>
}
