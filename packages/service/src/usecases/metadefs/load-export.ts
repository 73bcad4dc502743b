/** Definitions out of files and into files, for operators: no policy is asked. */
import type { Deps } from '../../deps.ts'
import { fallbackOwner, namespaceOfFile } from '../../domain/metadef/namespace.ts'
import type { MetadefObject } from '../../domain/metadef/object.ts'
import type { LoadMode } from '../../ports/metadefs.ts'

type LoadDeps = Pick<Deps, 'metadefs' | 'clock'>

/** What became of one namespace. */
export interface LoadedNamespace {
  readonly namespace: string
  readonly outcome: 'added' | 'skipped' | 'merged' | 'replaced'
}

const outcomes: Readonly<Record<LoadMode, LoadedNamespace['outcome']>> = {
  skip: 'skipped',
  merge: 'merged',
  'prefer-new': 'merged',
  overwrite: 'replaced',
}

/** Puts a namespace out of a file's JSON into the records, all or nothing. @throws ServiceError INVALID with what is wrong in it, CONFLICT for a name that comes twice */
export async function loadNamespace(
  { metadefs, clock }: LoadDeps,
  { document, mode }: { readonly document: unknown; readonly mode: LoadMode },
): Promise<LoadedNamespace> {
  const { namespace: given, contents } = namespaceOfFile(document)
  const fields = { ...given, owner: given.owner ?? fallbackOwner }
  const isNew = await metadefs.load(fields, contents, clock.now(), mode)
  return { namespace: fields.namespace, outcome: isNew ? 'added' : outcomes[mode] }
}

/** Removes all namespaces and types of resources. @returns how many namespaces there were */
export function unloadNamespaces({ metadefs }: Pick<Deps, 'metadefs'>): Promise<number> {
  return metadefs.clear()
}

/** One namespace as a file's JSON. */
export interface ExportedNamespace {
  readonly namespace: string
  readonly displayName: string | null
  readonly document: Readonly<Record<string, unknown>>
}

/** Every namespace, in the order of their names, in the form that `loadNamespace` and Glance's tools read. One is held at a time. */
export async function* exportNamespaces({
  metadefs,
}: Pick<Deps, 'metadefs'>): AsyncGenerator<ExportedNamespace, void, void> {
  for (const name of await metadefs.names()) {
    const found = await metadefs.find(name)
    // It may have gone since its name was read.
    if (!found) continue
    const { namespace, contents } = found
    yield {
      namespace: name,
      displayName: namespace.displayName,
      document: {
        namespace: name,
        display_name: namespace.displayName,
        description: namespace.description,
        visibility: namespace.visibility,
        protected: namespace.protected,
        owner: namespace.owner,
        resource_type_associations: contents.associations.map(({ name: type, prefix, propertiesTarget }) => ({
          name: type,
          prefix,
          properties_target: propertiesTarget,
        })),
        properties: Object.fromEntries(contents.properties.map((each) => [each.name, each.definition])),
        objects: contents.objects.map(exportedObject),
        tags: contents.tags.map((tag) => ({ name: tag.name })),
      },
    }
  }
}

function exportedObject({ name, description, required, properties }: MetadefObject): Readonly<Record<string, unknown>> {
  return { name, description, required, properties: Object.fromEntries(properties ?? []) }
}
