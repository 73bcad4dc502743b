import type { Deps } from '../deps.ts'
import type { RequestContext } from '../domain/context.ts'
import { type LimitedResource, limitedResources } from '../domain/limited-resources.ts'
import type { Usage } from '../ports/usage.ts'

/** Bytes of the unit in which limits of sizes count. */
export const mebibyte = 1_048_576

/** What a project uses of a resource and may use of it, in the resource's unit. */
export interface ResourceUsage {
  readonly limit: number
  readonly usage: number
}

const counts: Readonly<Record<LimitedResource, (usage: Usage, project: string | null) => Promise<number>>> = {
  image_size_total: async (usage, project) => Math.floor((await usage.storedBytes(project, null)) / mebibyte),
  image_stage_total: async (usage, project) => Math.floor((await usage.stagedBytes(project)) / mebibyte),
  image_count_total: (usage, project) => usage.imageCount(project),
  image_count_uploading: (usage, project) => usage.uploadingCount(project),
}

/** What a project uses of one resource, in its unit. */
export function usageOf(usage: Usage, project: string | null, resource: LimitedResource): Promise<number> {
  return counts[resource](usage, project)
}

/**
 * Limit and usage of the caller's project for every resource; nothing when Keystone has no say in limits.
 *
 * @throws ServiceError UNAVAILABLE when the limits cannot be found out now
 */
export async function projectUsage(
  { project, signal }: RequestContext,
  { limits, usage }: Pick<Deps, 'limits' | 'usage'>,
): Promise<ReadonlyMap<LimitedResource, ResourceUsage>> {
  const found = new Map<LimitedResource, ResourceUsage>()
  if (limits === null) return found
  const most = await limits.of(project, signal)
  for (const resource of limitedResources)
    found.set(resource, { limit: most[resource], usage: await usageOf(usage, project, resource) })
  return found
}
