/**
 * The parameters of `GET /v2/images` to a query (Image API v2, "List images").
 *
 * Of a parameter that is given several times the last one counts, but for `tag`, the two times, and the pair `sort_key` and `sort_dir`, of which every one does.
 * Whatever is not a parameter of the API is an additional property that must have exactly that value. Number and length of the parameters are bounded, since each becomes a
 * condition of a database query.
 */
import type { RequestContext } from './context.ts'
import { ServiceError } from './errors.ts'
import { splitList, splitOperator } from './filter-value.ts'
import type { MemberStatus, Visibility } from './image.ts'
import { parseIsoTime } from './iso-time.ts'
import { bare, quote } from './json-schema.ts'
import { assertStorableText, unshownProperties } from './properties.ts'
import type { FilterField, ImageFilter, ImageQuery } from './query.ts'
import type { ServiceSettings } from './settings.ts'
import { parseSort } from './sort.ts'

/** Most parameters of one list, and most characters of a name and of a value. */
const bounds = { parameters: 256, name: 255, value: 65_535 } as const

/** What a filter on a member compares. */
const columns: Readonly<Record<FilterField, 'text' | 'listedText' | 'flag' | 'int32' | 'int64' | 'time'>> = {
  id: 'listedText',
  name: 'listedText',
  status: 'listedText',
  container_format: 'listedText',
  disk_format: 'listedText',
  owner: 'text',
  checksum: 'text',
  os_hash_algo: 'text',
  os_hash_value: 'text',
  protected: 'flag',
  size: 'int64',
  virtual_size: 'int64',
  min_ram: 'int32',
  min_disk: 'int32',
  created_at: 'time',
  updated_at: 'time',
}

const visibilities: readonly (Visibility | 'all')[] = ['public', 'private', 'shared', 'community', 'all']
const memberStatuses: readonly (MemberStatus | 'all')[] = ['pending', 'accepted', 'rejected', 'all']

/** Handled by themselves, or (as in v1) without effect. */
const noFilters: ReadonlySet<string> = new Set([
  ...['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'tag', 'visibility', 'member_status', 'os_hidden'],
  ...['deleted', 'is_public'],
])

/**
 * Reads a query.
 *
 * @param parameters - names and values, decoded, in the order of the address
 * @returns the query with every default filled in; that its marker exists and may be seen has not been checked
 * @throws ServiceError INVALID with the parameter and what is wrong with it
 */
export function parseListQuery(
  parameters: readonly (readonly [string, string])[],
  context: Pick<RequestContext, 'project' | 'admin'>,
  settings: Pick<ServiceSettings, 'limitParamDefault' | 'apiLimitMax'>,
): ImageQuery {
  const given = gather(parameters)
  const last = (name: string): string | null => given.get(name)?.at(-1) ?? null
  if (given.has('changes-since'))
    throw new ServiceError('INVALID', 'The "changes-since" filter is no longer available on v2.')
  const filters: ImageFilter[] = []
  const properties = new Map<string, string>()
  for (const [name, values] of given) {
    if (noFilters.has(name)) continue
    if (isColumn(name)) {
      const counting = columns[name] === 'time' ? values : values.slice(-1)
      for (const value of counting) filters.push(columnFilter(name, value))
    } else if (/_(min|max)$/.test(name)) filters.push(rangeFilter(name, values.at(-1) ?? ''))
    else properties.set(name, values.at(-1) ?? '')
  }
  return {
    viewer: { project: context.project, admin: context.admin },
    visibility: oneOf('Invalid visibility value', last('visibility'), visibilities),
    memberStatus: oneOf('Invalid status', last('member_status'), memberStatuses) ?? 'accepted',
    hidden: flag('os_hidden', last('os_hidden')?.toLowerCase() ?? 'false'),
    filters,
    properties,
    tags: [...new Set(given.get('tag') ?? [])],
    sort: parseSort({
      sort: last('sort'),
      keys: given.get('sort_key') ?? [],
      directions: given.get('sort_dir') ?? [],
    }),
    limit: parseLimit(last('limit'), settings),
    marker: last('marker'),
  }
}

function gather(parameters: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  if (parameters.length > bounds.parameters)
    throw new ServiceError('INVALID', `A list takes at most ${bounds.parameters} parameters.`)
  const given = new Map<string, string[]>()
  for (const [name, value] of parameters) {
    if (name === '') throw new ServiceError('INVALID', 'A query parameter has no name.')
    if (name.length > bounds.name) throw invalid(name, `has a name of over ${bounds.name} characters`)
    if (value.length > bounds.value) throw invalid(name, `is over ${bounds.value} characters`)
    assertStorableText(name, 'the name of a query parameter')
    assertStorableText(value, `query parameter ${quote(name)}`)
    // The hosts in these would otherwise be found out by guessing.
    if (unshownProperties.has(name)) throw invalid(name, 'cannot be used as a filter')
    const values = given.get(name)
    if (values) values.push(value)
    else given.set(name, [value])
  }
  return given
}

function isColumn(name: string): name is FilterField {
  return Object.hasOwn(columns, name)
}

function columnFilter(field: FilterField, value: string): ImageFilter {
  switch (columns[field]) {
    case 'listedText': {
      const { operator, operand } = splitOperator(value)
      if (operator === 'eq') return { field, operator, values: [operand] }
      if (operator === 'in') return { field, operator, values: splitList(operand) }
      throw new ServiceError('INVALID', `Unable to filter by unknown operator '${bare(operator)}'.`)
    }
    case 'time': {
      const { operator, operand } = splitOperator(value)
      if (!isComparison(operator)) throw new ServiceError('INVALID', 'Unable to filter on a unknown operator.')
      const time = parseIsoTime(operand)
      if (!time)
        throw new ServiceError('INVALID', `Bad "${field}" query filter format. Use ISO 8601 DateTime notation.`)
      return { field, operator, values: [time] }
    }
    case 'flag':
      return { field, operator: 'eq', values: [flag(field, value)] }
    case 'int32':
    case 'int64':
      return { field, operator: 'eq', values: [wholeNumber(field, value, field)] }
    case 'text':
      return { field, operator: 'eq', values: [value] }
  }
}

/** `size_min`, `min_ram_max` and their like: inclusive. A bound on anything but a column of numbers is refused, as a filter that silently finds nothing would mislead. */
function rangeFilter(name: string, value: string): ImageFilter {
  const field = name.slice(0, -'_min'.length)
  if (!isColumn(field) || (columns[field] !== 'int32' && columns[field] !== 'int64'))
    throw invalid(name, `filters by a range, and ${quote(field)} is no member that holds a number`)
  return { field, operator: name.endsWith('_min') ? 'gte' : 'lte', values: [wholeNumber(field, value, name)] }
}

const comparisons = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'] as const

function isComparison(operator: string): operator is (typeof comparisons)[number] {
  return (comparisons as readonly string[]).includes(operator)
}

/** A number that the column could hold; a database refuses others instead of finding nothing. */
function wholeNumber(field: FilterField, value: string, parameter: string): number {
  const number = /^\s*[+-]?\d{1,19}\s*$/.test(value) ? Number(value) + 0 : Number.NaN
  const most = columns[field] === 'int32' ? 2_147_483_647 : Number.MAX_SAFE_INTEGER
  if (Number.isNaN(number) || Math.abs(number) > most)
    throw invalid(parameter, `must be a whole number up to ${most}, not ${quote(value)}`)
  return number
}

function flag(parameter: string, value: string): boolean {
  if (value !== 'true' && value !== 'false')
    throw new ServiceError(
      'INVALID',
      `Invalid value '${bare(value)}' for '${parameter}' filter. Valid values are 'true' or 'false'.`,
    )
  return value === 'true'
}

function oneOf<T extends string>(refused: string, value: string | null, choices: readonly T[]): T | null {
  if (value === null) return null
  const choice = choices.find((each) => each === value)
  if (choice === undefined) throw new ServiceError('INVALID', `${refused}: ${bare(value)}`)
  return choice
}

/** How many a page holds. Digits in any number, for a limit too large to count is only a large limit. @throws ServiceError INVALID */
export function parseLimit(
  value: string | null,
  { limitParamDefault, apiLimitMax }: Pick<ServiceSettings, 'limitParamDefault' | 'apiLimitMax'>,
): number {
  const wanted = value?.trim() ?? null
  if (wanted !== null && !/^[+-]?\d+$/.test(wanted)) throw new ServiceError('INVALID', 'limit param must be an integer')
  const number = wanted === null ? limitParamDefault : Number(wanted)
  if (wanted !== null && number < 0) throw new ServiceError('INVALID', 'limit param must be positive')
  const most = apiLimitMax < 0 ? Number.MAX_SAFE_INTEGER : apiLimitMax
  return number < 0 ? most : Math.max(0, Math.min(number, most))
}

function invalid(parameter: string, problem: string): ServiceError {
  return new ServiceError('INVALID', `Query parameter ${quote(parameter)} ${problem}.`)
}
