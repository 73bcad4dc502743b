/**
 * Which of Glance's pipelines an operator runs: the flavor, and what the paste file says of it.
 *
 * In Glance the file loads Python classes. Nothing is loaded here: each filter is known by the class that it names and stands for something that this server does by itself. What a filter's own section
 * sets is read as options of the group that the filter belongs to. So a file that came with Glance, or one with a filter added or left out, says here what it said there.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Place, parseIni, type RawSetting } from './ini.ts'
import type { ConfigProblem } from './problem.ts'

/** What a filter stands for here. */
export type FilterKind =
  | 'cors'
  | 'healthcheck'
  | 'proxy headers'
  | 'body limit'
  | 'gzip'
  | 'keystone'
  | 'everybody'
  | 'cache'
  | 'cache management'
  | 'profiler'
  /** Done in any case: versions, context, request ids. */
  | 'built in'

/** The classes that a paste file may name, by the part that stayed the same over the years, and the group of their options. */
const classes: readonly (readonly [part: string, kind: FilterKind, group?: string])[] = [
  ['oslo_middleware.cors', 'cors', 'cors'],
  ['oslo_middleware:cors', 'cors', 'cors'],
  ['oslo_middleware:healthcheck', 'healthcheck', 'healthcheck'],
  ['oslo_middleware.healthcheck', 'healthcheck', 'healthcheck'],
  ['oslo_middleware:httpproxytowsgi', 'proxy headers', 'oslo_middleware'],
  ['oslo_middleware.http_proxy_to_wsgi', 'proxy headers', 'oslo_middleware'],
  ['oslo_middleware:requestbodysizelimiter', 'body limit', 'oslo_middleware'],
  ['oslo_middleware.sizelimit', 'body limit', 'oslo_middleware'],
  ['oslo_middleware.request_id', 'built in'],
  ['oslo_middleware:requestid', 'built in'],
  ['glance.api.middleware.gzip', 'gzip'],
  ['glance.api.middleware.cache_manage', 'cache management'],
  ['glance.api.middleware.cache:', 'cache'],
  ['context:unauthenticatedcontextmiddleware', 'everybody'],
  ['context:contextmiddleware', 'built in'],
  ['version_negotiation', 'built in'],
  ['osprofiler', 'profiler'],
  ['keystonemiddleware.auth_token', 'keystone', 'keystone_authtoken'],
  ['keystoneclient.middleware.auth_token', 'keystone', 'keystone_authtoken'],
]

/** Filters by the names that Glance gives them, for the pipelines without a file. */
const usual: Readonly<Record<string, readonly FilterKind[]>> = {
  '': ['everybody'],
  caching: ['everybody', 'cache'],
  cachemanagement: ['everybody', 'cache', 'cache management'],
  keystone: ['keystone'],
  'keystone+caching': ['keystone', 'cache'],
  'keystone+cachemanagement': ['keystone', 'cache', 'cache management'],
}
const alwaysUsual: readonly FilterKind[] = ['cors', 'healthcheck', 'proxy headers']

/** A pipeline. */
export interface Pipeline {
  /** Of a paste file that was read; null without one. */
  readonly file: string | null
  readonly filters: ReadonlySet<FilterKind>
  /** What the sections of the filters set, as settings of the groups they belong to. */
  readonly settings: readonly RawSetting[]
  readonly problems: readonly ConfigProblem[]
  /** What was not understood or has no effect, a sentence each. */
  readonly warnings: readonly string[]
}

/** Where to look for a paste file. */
export interface PasteRequest {
  readonly flavor: string
  /** `[paste_deploy] config_file`, and where it stands; it has to be there. */
  readonly named: { readonly path: string; readonly place: Place | null } | null
  /** As given on the command line. The file beside the last of them, `glance-api-paste.ini` for `glance-api.conf`, is taken when it is there. */
  readonly configFiles: readonly string[]
}

/** Finds the pipeline. It does not throw: what is wrong stands in `problems`. */
export function readPipeline({ flavor, named, configFiles }: PasteRequest): Pipeline {
  const last = configFiles.at(-1)
  const beside = last?.replace(/\.conf$/, '-paste.ini')
  const path =
    named === null
      ? beside !== undefined && beside !== last && existsSync(beside)
        ? beside
        : null
      : resolve(configFiles[0] === undefined ? '.' : dirname(configFiles[0]), named.path)
  if (path === null) return withoutFile(flavor)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    const problem = problemAt(
      named?.place ?? null,
      'paste_deploy',
      'config_file',
      `names ${path}, which cannot be read (${code})`,
    )
    return { ...withoutFile(flavor), problems: [problem] }
  }
  return fromFile(text, path, flavor)
}

function withoutFile(flavor: string): Pipeline {
  const known = usual[flavor]
  const filters = known ?? [flavor.includes('keystone') ? 'keystone' : 'everybody']
  const warnings = known
    ? []
    : [
        `[paste_deploy] flavor ${flavor} is none of Glance's, and there is no paste file that has it; it counts as ${filters[0] === 'keystone' ? 'keystone' : 'one without authentication'}`,
      ]
  return { file: null, filters: new Set([...alwaysUsual, ...filters]), settings: [], problems: [], warnings }
}

/** A section of the file: its kind and name, and its settings. */
interface Section {
  readonly kind: string
  readonly settings: ReadonlyMap<string, RawSetting>
}

function fromFile(text: string, file: string, flavor: string): Pipeline {
  const parsed = parseIni(text, file)
  const sections = sectionsOf(parsed.settings, dirname(file))
  const start = `glance-api${flavor === '' ? '' : `-${flavor}`}`
  const names = filterNames(sections, start)
  const problems = parsed.problems.map(({ place, message }) => problemAt(place, null, null, message))
  if (names === null) {
    const problem = problemAt(
      { file, line: 0 },
      null,
      null,
      `has no pipeline ${start}, which [paste_deploy] flavor asks for`,
    )
    return { ...withoutFile(flavor), problems: [...problems, problem] }
  }
  const filters = new Set<FilterKind>()
  const settings: RawSetting[] = []
  const warnings: string[] = []
  for (const name of names) {
    const section = sections.get(name)
    const known = section === undefined ? undefined : classOf(section)
    if (known === undefined)
      warnings.push(`${file}: the filter ${name} of ${start} is not known here and has no effect`)
    else {
      const [, kind, group] = known
      filters.add(kind)
      if (group !== undefined && section) settings.push(...ownSettings(section, group))
    }
  }
  return { file, filters, settings, problems, warnings }
}

/** Sections by name, whatever their kind; `%(here)s` and the values of `[DEFAULT]` are filled in, as paste does. */
function sectionsOf(settings: readonly RawSetting[], here: string): ReadonlyMap<string, Section> {
  const globals = new Map([
    ['here', here],
    ...settings.filter(({ group }) => group === 'DEFAULT').map(({ key, value }) => [key, value] as const),
  ])
  const filled = (value: string): string =>
    value.replace(/%\((\w+)\)s/g, (whole, name: string) => globals.get(name) ?? whole)
  const sections = new Map<string, { kind: string; settings: Map<string, RawSetting> }>()
  for (const setting of settings) {
    const [kind = '', name = ''] = setting.group.split(/:(.*)/)
    const section = sections.get(name) ?? { kind, settings: new Map() }
    section.settings.set(setting.key, { ...setting, value: filled(setting.value) })
    sections.set(name, section)
  }
  return sections
}

/** Names of the filters behind a pipeline or, in newer files, behind a map of paths to pipelines. Its other paths (the health check) count as filters. */
function filterNames(sections: ReadonlyMap<string, Section>, start: string): readonly string[] | null {
  const section = sections.get(start)
  const pipeline = section?.settings.get('pipeline')?.value
  // The last of a pipeline is the application.
  if (pipeline !== undefined)
    return pipeline
      .split(/\s+/)
      .filter((name) => name !== '')
      .slice(0, -1)
  const mounted = [...(section?.settings ?? [])].filter(([key]) => key.startsWith('/'))
  if (section?.kind !== 'composite' || mounted.length === 0) return null
  return mounted.flatMap(([, { value }]) => {
    const behind = sections.get(value)?.settings.get('pipeline')?.value
    return behind === undefined
      ? [value]
      : behind
          .split(/\s+/)
          .filter((name) => name !== '')
          .slice(0, -1)
  })
}

function classOf({ settings }: Section): (typeof classes)[number] | undefined {
  const named = ['paste.filter_factory', 'paste.app_factory', 'use'].map((key) =>
    settings.get(key)?.value.toLowerCase(),
  )
  return classes.find(([part]) => named.some((each) => each?.includes(part)))
}

/** How a filter is found, and what is not about this server. */
const ofPaste: ReadonlySet<string> = new Set([
  'use',
  'oslo_config_project',
  'oslo_config_program',
  'oslo_config_file',
  'delay_auth_decision',
])

function ownSettings({ settings }: Section, group: string): readonly RawSetting[] {
  return [...settings.values()]
    .filter(({ key }) => !key.startsWith('paste.') && !ofPaste.has(key))
    .map((setting) => ({ ...setting, group }))
}

function problemAt(place: Place | null, group: string | null, option: string | null, message: string): ConfigProblem {
  return { place, group, option, message }
}
