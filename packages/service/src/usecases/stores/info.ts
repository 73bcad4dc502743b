/** What users and operators are told of the configured stores (Image API v2, "Stores discovery"). */
import type { Store } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import { notPermitted } from '../../policy/access.ts'

/** One store as users see it. */
export interface StoreInfo {
  readonly id: string
  readonly description: string | null
  readonly default: boolean
  readonly readOnly: boolean
}

/** One store as operators and other services see it. */
export interface StoreDetail extends StoreInfo {
  /** Name of the driver. */
  readonly type: string
  readonly weight: number
  /** What the store tells of itself (`Store.facts`), for Glance's own types under Glance's names. No secret is among it. */
  readonly properties: Readonly<Record<string, unknown>>
}

/** The stores that users may choose from, in configured order. @throws ServiceError NOT_FOUND when there are not several */
export function storesInfo(_context: RequestContext, deps: Deps): readonly StoreInfo[] {
  if (!deps.settings.multiStore) throw new ServiceError('NOT_FOUND', 'Multi backend is not supported at this site.')
  return deps.stores.all.map((store) => info(deps, store))
}

/** The same with what operators need. @throws ServiceError NOT_FOUND when there are not several stores, FORBIDDEN by policy */
export function storesInfoDetail(context: RequestContext, deps: Deps): readonly StoreDetail[] {
  storesInfo(context, deps)
  if (!deps.enforcer.allows('stores_info_detail', context, { project_id: context.project }))
    throw notPermitted('stores_info_detail')
  return deps.stores.all.map((store) => ({
    ...info(deps, store),
    type: store.type,
    weight: store.weight,
    properties: store.facts,
  }))
}

function info({ stores }: Deps, { id, description, readOnly }: Store): StoreInfo {
  return { id, description, default: stores.default.id === id, readOnly }
}
