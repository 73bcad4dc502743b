/** The parameters of lists of metadata definitions. Of a parameter that is given several times the last one counts; unknown ones have no effect. */
import type { RequestContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import { bare } from '../json-schema.ts'
import { parseLimit } from '../parse-query.ts'
import { assertStorableText } from '../properties.ts'
import type { ServiceSettings } from '../settings.ts'
import { type NamespaceQuery, namespaceSortKeys } from './namespace.ts'
import { sortDirection, type TagQuery, tagSortKeys } from './tag.ts'

/** Names and values, decoded, in the order of the address. */
export type Parameters = readonly (readonly [string, string])[]

type LimitSettings = Pick<ServiceSettings, 'limitParamDefault' | 'apiLimitMax'>

/** @throws ServiceError INVALID with what is wrong; that the marker exists has not been checked */
export function parseNamespaceQuery(
  parameters: Parameters,
  { project, admin }: Pick<RequestContext, 'project' | 'admin'>,
  settings: LimitSettings,
): NamespaceQuery {
  const last = reader(parameters)
  return {
    viewer: { project, admin },
    visibility: oneOf('visibility value', last('visibility'), ['public', 'private']),
    resourceTypes: last('resource_types')?.split(',') ?? null,
    key: oneOf('sort key', last('sort_key'), namespaceSortKeys) ?? 'created_at',
    direction: sortDirection(last('sort_dir')),
    limit: parseLimit(last('limit'), settings),
    marker: last('marker'),
  }
}

/** The parameters of one namespace. Glance checks `visibility` there too, without effect. @throws ServiceError INVALID with what is wrong */
export function parseShowQuery(parameters: Parameters): { readonly resourceType: string | null } {
  const last = reader(parameters)
  const visibility = last('visibility')
  if (visibility) oneOf('visibility value', visibility, ['public', 'private'])
  return { resourceType: last('resource_type') || null }
}

/** @throws ServiceError INVALID with what is wrong */
export function parseTagQuery(parameters: Parameters): TagQuery {
  const last = reader(parameters)
  checkVisibility(last('visibility'))
  return {
    limit: optionalLimit(last('limit')),
    marker: last('marker') || null,
    key: oneOf('sort key', last('sort_key'), tagSortKeys) ?? 'created_at',
    direction: sortDirection(last('sort_dir')),
  }
}

/** Glance checks these parameters of a list of objects and then always gives the whole list, as it has no address for a next page. @throws ServiceError INVALID */
export function checkObjectQuery(parameters: Parameters): void {
  const last = reader(parameters)
  checkVisibility(last('visibility'))
  sortDirection(last('sort_dir'))
  if (optionalLimit(last('limit')) === 0) throw new ServiceError('INVALID', 'limit param must be positive')
}

/** Gives the last value of a parameter, or null. */
function reader(parameters: Parameters): (name: string) => string | null {
  for (const [name, value] of parameters) assertStorableText(value, `query parameter ${JSON.stringify(bare(name))}`)
  return (name) => parameters.findLast(([each]) => each === name)?.[1] ?? null
}

/** Whether a namespace is meant: what is in it has no visibility of its own, and the parameter no effect. */
function checkVisibility(value: string | null): void {
  if (value) oneOf('visibility value', value, ['public', 'private', 'shared'])
}

function optionalLimit(value: string | null): number | null {
  return value ? parseLimit(value, { limitParamDefault: -1, apiLimitMax: -1 }) : null
}

function oneOf<T extends string>(what: string, value: string | null, choices: readonly T[]): T | null {
  if (value === null) return null
  const choice = choices.find((each) => each === value)
  if (choice === undefined) throw new ServiceError('INVALID', `Invalid ${what}: ${bare(value)}`)
  return choice
}
