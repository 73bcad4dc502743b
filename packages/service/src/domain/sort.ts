/** The order of a list from its two ways of asking for it: `sort=key:dir,…`, or `sort_key` with `sort_dir` (Image API v2, "Sorting images"). */
import { ServiceError } from './errors.ts'
import { bare } from './json-schema.ts'
import { type SortKey, type SortStep, sortKeys } from './query.ts'

type Direction = SortStep['direction']

/** What was asked for. */
export interface SortInput {
  /** The newer way, or null. */
  readonly sort: string | null
  readonly keys: readonly string[]
  readonly directions: readonly string[]
}

/**
 * A complete order: what was asked for, then created_at and id.
 *
 * Without a direction it is descending. A single direction holds for every key, and for the two at the end, too; after several these are descending.
 * A key that comes again changes nothing and is left out.
 *
 * @throws ServiceError INVALID for unknown keys and directions, both ways at once, and numbers of keys and directions that differ
 */
export function parseSort(input: SortInput): readonly SortStep[] {
  const { keys, directions } = input.sort === null ? classic(input) : combined(input.sort, input)
  const [single = 'desc'] = directions
  const atEnd = directions.length > 1 ? 'desc' : single
  const steps = keys.map(
    (key, i): SortStep => ({ key, direction: directions.length > 1 ? (directions[i] ?? 'desc') : single }),
  )
  for (const key of ['created_at', 'id'] as const) steps.push({ key, direction: atEnd })
  return steps.filter((step, i) => steps.findIndex(({ key }) => key === step.key) === i)
}

interface Order {
  readonly keys: readonly SortKey[]
  readonly directions: readonly Direction[]
}

function combined(sort: string, { keys, directions }: SortInput): Order {
  if (keys.length > 0 || directions.length > 0)
    throw new ServiceError('INVALID', 'Old and new sorting syntax cannot be combined')
  const steps = sort.split(',').map((step) => {
    const [key = '', ...direction] = step.split(':')
    return { key: sortKey(key), direction: sortDirection(direction.join(':') || 'desc') }
  })
  return { keys: steps.map(({ key }) => key), directions: steps.map(({ direction }) => direction) }
}

function classic({ keys, directions }: SortInput): Order {
  if (directions.length > 1 && directions.length !== keys.length)
    throw new ServiceError('INVALID', 'Number of sort dirs does not match the number of sort keys')
  return {
    keys: keys.length === 0 ? ['created_at'] : keys.map(sortKey),
    directions: directions.map(sortDirection),
  }
}

function sortKey(text: string): SortKey {
  const key = sortKeys.find((each) => each === text.trim())
  if (key === undefined)
    throw new ServiceError(
      'INVALID',
      `Invalid sort key: ${bare(text)}. It must be one of the following: ${sortKeys.join(', ')}.`,
    )
  return key
}

function sortDirection(text: string): Direction {
  const direction = text.trim()
  if (direction === 'asc' || direction === 'desc') return direction
  throw new ServiceError('INVALID', `Invalid sort direction: ${bare(text)}`)
}
