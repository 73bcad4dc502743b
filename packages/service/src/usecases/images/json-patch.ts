/**
 * Patch documents of `PATCH /v2/images/{id}` in both media types (Image API v2, "Update image"):
 *
 * - 2.1: `[{"op": "add", "path": "/name", "value": "x"}]`, as RFC 6902 but with add, replace and remove alone;
 * - 2.0: `[{"add": "/name", "value": "x"}]`, as the fourth draft of it had.
 *
 * All of it is checked before any image is looked up. A path names a member of the image; only `locations` has something below it.
 */

import { ServiceError } from '../../domain/errors.ts'
import { fieldOf, fieldValue, readOnlyField } from '../../domain/image-fields.ts'
import { bare, quote } from '../../domain/json-schema.ts'
import { givenLocations } from '../../domain/location-body.ts'
import { assertNameNotReserved, assertPropertyName } from '../../domain/properties.ts'
import type { ServiceSettings } from '../../domain/settings.ts'
import { propertyValue } from '../../domain/site-schema.ts'

/** Versions of the patch document, named after the media types. */
export type PatchVersion = '2.0' | '2.1'

/** One operation. Its path has one segment, or two when the first is `locations`. */
export type PatchOperation =
  /** `overwrites`: whether what is there already is replaced; in documents of version 2.0 it is a conflict. */
  | { readonly op: 'add'; readonly path: PatchPath; readonly value: unknown; readonly overwrites: boolean }
  | { readonly op: 'replace'; readonly path: PatchPath; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: PatchPath }

/** Decoded segments of a pointer. */
export type PatchPath = readonly [string, ...string[]]

const operators = ['add', 'remove', 'replace'] as const

type Operator = (typeof operators)[number]

/**
 * The operations of a patch document, in order.
 *
 * @param body - parsed JSON of any shape
 * @throws ServiceError INVALID when the document or a pointer is malformed
 */
export function parseJsonPatch(body: unknown, version: PatchVersion): readonly PatchOperation[] {
  if (!Array.isArray(body)) throw invalid('Request body must be a JSON array of operation objects.')
  return body.map((element: unknown) => {
    if (typeof element !== 'object' || element === null || Array.isArray(element))
      throw invalid('Operations must be JSON objects.')
    const members = new Map<string, unknown>(Object.entries(element))
    const { op, pointer } = version === '2.1' ? operatorMember(members) : memberNamedByOperator(members)
    const path = parsePointer(pointer)
    assertDepth(op, path)
    if (op === 'remove') return { op, path }
    if (!members.has('value')) throw invalid(`Operation "${op}" requires a member named "value".`)
    const value = members.get('value')
    return op === 'add' ? { op, path, value, overwrites: version === '2.1' } : { op, path, value }
  })
}

/**
 * Checks names and values of operations against the field table, and brings values into the form in which the record holds them: those of locations into lists of `GivenLocation`.
 *
 * @throws ServiceError FORBIDDEN for members that are read-only or reserved, INVALID for values that do not fit
 */
export function checkOperations(
  operations: readonly PatchOperation[],
  settings: Pick<ServiceSettings, 'containerFormats' | 'diskFormats' | 'siteSchema'>,
): readonly PatchOperation[] {
  return operations.map((operation): PatchOperation => {
    const [name] = operation.path
    const field = fieldOf(name)
    if (field?.patch === 'readOnly') throw readOnlyField(name)
    assertNameNotReserved(name)
    if (!field) assertPropertyName(name)
    if (operation.op === 'remove') return operation
    if (name === 'locations') {
      const value = givenLocations(operation.op === 'add' ? [operation.value] : operation.value, settings)
      return { ...operation, value }
    }
    if (field) return { ...operation, value: fieldValue(field, operation.value, settings) }
    return { ...operation, value: propertyValue(name, operation.value, settings.siteSchema) }
  })
}

interface Head {
  readonly op: Operator
  readonly pointer: unknown
}

function operatorMember(members: ReadonlyMap<string, unknown>): Head {
  const given = members.get('op')
  if (given === undefined)
    throw invalid(
      `Unable to find \`op\` in JSON Schema change. It must be one of the following: ${operators.join(', ')}.`,
    )
  const op = operators.find((each) => each === given)
  if (op === undefined)
    throw invalid(
      `Invalid operation: \`${bare(String(given))}\`. It must be one of the following: ${operators.join(', ')}.`,
    )
  if (!members.has('path')) throw invalid("Unable to find 'path' in JSON Schema change")
  return { op, pointer: members.get('path') }
}

function memberNamedByOperator(members: ReadonlyMap<string, unknown>): Head {
  const [op, ...others] = operators.filter((each) => members.has(each))
  if (op === undefined || others.length > 0)
    throw invalid(
      `Operation objects must contain ${op === undefined ? 'exactly' : 'only'} one member named "add", "remove", or "replace".`,
    )
  return { op, pointer: members.get(op) }
}

/** The segments of a pointer (RFC 6901), without blanks around them. */
function parsePointer(pointer: unknown): PatchPath {
  if (typeof pointer !== 'string') throw invalid(`A pointer must be a string, not ${quote(pointer)}.`)
  if (!pointer.startsWith('/')) throw invalid(`Pointer \`${bare(pointer)}\` does not start with "/".`)
  const segments = pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.trim())
  if (segments.at(-1) === '') throw invalid(`Pointer \`${bare(pointer)}\` end with "/".`)
  if (segments.includes('')) throw invalid(`Pointer \`${bare(pointer)}\` contains adjacent "/".`)
  if (/~(?![01])/.test(pointer))
    throw invalid(`Pointer \`${bare(pointer)}\` contains "~" not part of a recognized escape sequence.`)
  const [first = '', ...rest] = segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  return [first, ...rest]
}

function assertDepth(op: Operator, path: readonly string[]): void {
  const depth = path[0] === 'locations' && op !== 'replace' ? 2 : 1
  if (path.length !== depth) throw invalid(`Invalid JSON pointer for this resource: '${bare(`/${path.join('/')}`)}'`)
  const index = path[1]
  if (index !== undefined && !/^(-|\d{1,9})$/.test(index))
    throw invalid(`Invalid position for ${op === 'add' ? 'adding' : 'removing'} a location.`)
}

function invalid(message: string): ServiceError {
  return new ServiceError('INVALID', message)
}
