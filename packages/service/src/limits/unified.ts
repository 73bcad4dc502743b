/**
 * Keystone's unified limits: what a project may use is kept by Keystone, what it uses is counted here.
 *
 * As in Glance they are best effort: usage is counted when a call begins, so calls at the same time may pass a limit together.
 */
import type { Deps } from '../deps.ts'
import type { RequestContext } from '../domain/context.ts'
import { ServiceError } from '../domain/errors.ts'
import { type Amounts, type LimitedResource, limitedResources } from '../domain/limited-resources.ts'
import { usageOf } from './usage.ts'

/** What a check needs. */
export type LimitDeps = Pick<Deps, 'limits' | 'usage'>

/**
 * Holds a project to its limits of some resources. Does nothing when Keystone has no say in limits.
 *
 * Uploads to staging and imports, when they come, ask here too: with `image_stage_total` before a stage, with `image_size_total` before an import.
 *
 * @param more - the resources to look at, and how much each is about to grow in its unit; 0 asks only whether present usage is within the limit
 * @throws ServiceError OVER_LIMIT naming every limit that is passed, UNAVAILABLE when the limits cannot be found out now
 */
export async function enforceLimits(
  { signal }: Pick<RequestContext, 'signal'>,
  deps: LimitDeps,
  project: string | null,
  more: Amounts,
): Promise<void> {
  if (deps.limits === null) return
  const limits = await deps.limits.of(project, signal)
  const passed: string[] = []
  for (const resource of limitedResources.toSorted()) {
    const delta = more[resource]
    const limit = limits[resource]
    if (delta === undefined || limit < 0) continue
    const usage = await usageOf(deps.usage, project, resource)
    if (usage + delta > limit) passed.push(overLimit(resource, limit, usage, delta))
  }
  if (passed.length > 0) throw limitExceeded(project, passed)
}

/** The sentence of oslo.limit. */
function overLimit(resource: LimitedResource, limit: number, usage: number, delta: number): string {
  return `Resource ${resource} is over limit of ${limit} due to current usage ${usage} and delta ${delta}`
}

/** The sentences around it that Glance has. */
function limitExceeded(project: string | null, passed: readonly string[]): ServiceError {
  return new ServiceError(
    'OVER_LIMIT',
    `The request returned a 413 Request Entity Too Large. This generally means that rate limiting or a quota threshold was breached.\n\nThe response body:\nProject ${project ?? 'None'} is over a limit for [${passed.join(', ')}]`,
  )
}
