/** `property_protection_file`: its sections to rules, with everything that is wrong, since a rule that is not understood would protect nothing. */
import { readFileSync } from 'node:fs'
import {
  PatternError,
  type PropertyOperation,
  type PropertyPermission,
  PropertyProtections,
  type PropertyRule,
  propertyOperations,
} from '@glance/service'
import { findFile } from './find-file.ts'
import type { Place } from './ini.ts'
import type { ConfigProblem } from './problem.ts'
import { parseSections, type Section, type SectionValue } from './sections.ts'
import type { Settings } from './sources.ts'
import type { ConfigValues } from './tables/groups.ts'

type RuleFormat = ConfigValues['DEFAULT']['propertyProtectionRuleFormat']

/** What the configuration says of properties. */
export interface ReadProtections {
  /** Null when no file is configured, or when it has problems. */
  readonly protections: PropertyProtections | null
  /** Rules of policy that the file names, and where. */
  readonly asked: ReadonlyMap<string, Place>
  readonly problems: readonly ConfigProblem[]
  /** What is likely to be a slip, a sentence each. */
  readonly warnings: readonly string[]
}

/** What one file says. */
interface Findings {
  readonly problems: ConfigProblem[]
  readonly warnings: string[]
  readonly asked: Map<string, Place>
}

/** @param folders - in which the file is looked for, unless its name is absolute */
export function readPropertyProtections(
  { propertyProtectionFile, propertyProtectionRuleFormat }: ConfigValues['DEFAULT'],
  settings: Settings,
  folders: readonly string[],
): ReadProtections {
  const found: Findings = { problems: [], warnings: [], asked: new Map() }
  if (propertyProtectionFile === undefined || propertyProtectionFile === '') return { protections: null, ...found }
  const option = 'property_protection_file'
  const place = settings.find('DEFAULT', option)?.place ?? null
  const file = findFile(propertyProtectionFile, folders)
  let text: string | null = null
  try {
    if (file !== null) text = readFileSync(file, 'utf8')
  } catch {
    // Told below, as a file that is not there is.
  }
  if (file === null || text === null) {
    const message = `names ${propertyProtectionFile}, which ${file === null ? 'does not exist' : 'cannot be read'}`
    found.problems.push({ place, group: 'DEFAULT', option, message })
    return { protections: null, ...found }
  }
  const rules = rulesOf(text, file, propertyProtectionRuleFormat, found)
  return { protections: found.problems.length > 0 ? null : new PropertyProtections(rules), ...found }
}

function rulesOf(text: string, file: string, format: RuleFormat, found: Findings): readonly PropertyRule[] {
  const { sections, problems } = parseSections(text, file)
  for (const { place, message } of problems) found.problems.push({ place, group: null, option: null, message })
  if (sections.length === 0 && problems.length === 0)
    found.problems.push({
      place: { file, line: 0 },
      group: null,
      option: null,
      message: 'has no section, so it would close every property to everybody',
    })
  return sections.flatMap((section) => {
    const { name, place } = section
    if (name.startsWith('os_glance')) {
      found.warnings.push(
        `${place.file}:${place.line}: [${name}] has no effect: these properties are the service's own`,
      )
      return []
    }
    const rule: PropertyRule = { pattern: name, permissions: permissionsOf(section, format, found) }
    try {
      return new PropertyProtections([rule]) && [rule]
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      found.problems.push({
        place,
        group: name,
        option: null,
        message: `is no regular expression that is taken: ${error.message}`,
      })
      return []
    }
  })
}

function permissionsOf(section: Section, format: RuleFormat, found: Findings): PropertyRule['permissions'] {
  const entries = propertyOperations.map((operation) => {
    const value = section.values.get(operation)
    if (value) return [operation, permissionOf(section, operation, value, format, found)] as const
    const { name, place } = section
    found.problems.push({ place, group: name, option: operation, message: 'is not set; a section needs all four' })
    return [operation, { kind: 'nobody' }] as const
  })
  return Object.fromEntries(entries) as Record<PropertyOperation, PropertyPermission>
}

function permissionOf(
  { name }: Section,
  operation: PropertyOperation,
  { text, place }: SectionValue,
  format: RuleFormat,
  found: Findings,
): PropertyPermission {
  const problem = (message: string): PropertyPermission => {
    found.problems.push({ place, group: name, option: operation, message })
    return { kind: 'nobody' }
  }
  if (text.replaceAll('%%', '').includes('%'))
    return problem('has a % that is not doubled; substitutions are not served here')
  const named = text
    .replaceAll('%%', '%')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  if (named.length === 0) {
    found.warnings.push(`${place.file}:${place.line}: [${name}] ${operation} is empty, so nobody may do it`)
    return { kind: 'nobody' }
  }
  if (named.includes('@') && named.includes('!')) return problem('names both @ and !, everybody and nobody')
  if (format === 'policies' && text.includes(','))
    return problem('names several rules of policy; combine them in the policy file')
  if (named.includes('!')) return { kind: 'nobody' }
  if (named.includes('@')) return { kind: 'everybody' }
  if (format === 'roles') return { kind: 'roles', roles: named.map((role) => role.toLowerCase()) }
  const [rule = ''] = named
  if (!found.asked.has(rule)) found.asked.set(rule, place)
  return { kind: 'policy', rule }
}
