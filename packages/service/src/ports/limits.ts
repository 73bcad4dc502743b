import type { LimitedResource } from '../domain/limited-resources.ts'

/** How much a project may use, as an authority outside of this service says. */
export interface Limits {
  /**
   * Every limit of a project, in the unit of its resource; 0 for what nobody registered, negative for no limit.
   *
   * @param project - null for what no project owns
   * @param signal - of whoever waits
   * @throws ServiceError UNAVAILABLE when it cannot be found out now
   */
  of(project: string | null, signal: AbortSignal): Promise<Readonly<Record<LimitedResource, number>>>
}
