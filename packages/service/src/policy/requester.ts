import type { Requester } from '@glance/core'
import type { RequestContext } from '../domain/context.ts'

/** On whose behalf a store is called, for stores that keep the data of each project in an account of its own. */
export function requesterOf({ project, token = null }: RequestContext): Requester {
  return { project, token }
}
