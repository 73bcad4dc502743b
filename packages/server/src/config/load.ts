/**
 * From command line, files and environment to one frozen configuration, with the list of everything that is wrong.
 */
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { glanceName, type Option, type OptionTable, type OptionValues } from '@glance/core'
import type { PropertyProtections, SiteSchema } from '@glance/service'
import { readFiles } from './files.ts'
import { readGroup } from './group.ts'
import { limitProblems, limitWarnings } from './limits.ts'
import { type PolicyPlan, planPolicy, readPolicy } from './policy.ts'
import type { ConfigProblem } from './problem.ts'
import { readPropertyProtections } from './property-protections.ts'
import { readSiteSchemaFile } from './site-schema.ts'
import { Settings } from './sources.ts'
import { parseStorageQuota, storageQuotaProblem } from './storage-quota.ts'
import { planStores, type StorePlan } from './stores.ts'
import { type ConfigValues, serverOptionGroups } from './tables/groups.ts'
import { keystoneLoginOptions } from './tables/keystone-authtoken.ts'

/** The settings of the server's own log-in at Keystone. */
export type KeystoneLogin = OptionValues<typeof keystoneLoginOptions>

/** What was given on the command line. */
export interface ConfigRequest {
  readonly configFiles: readonly string[]
  readonly configDirs: readonly string[]
  /** By group and option, in the words of a file. */
  readonly overrides: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A whole configuration. */
export interface ServerConfig {
  readonly values: ConfigValues
  /** How callers prove who they are: `[glance_server] auth`, or `keystone` when only the flavor says so. */
  readonly auth: ConfigValues['glance_server']['auth']
  /** How the server itself logs in at Keystone: from `[keystone_authtoken]`, or from the group that its `auth_section` names. */
  readonly keystoneLogin: KeystoneLogin
  /** How the server logs in to read unified limits: from `[oslo_limit]`, or from the group that its `auth_section` names. */
  readonly limitsLogin: KeystoneLogin
  /** Absolute. Holds whatever has no other place. */
  readonly dataDir: string
  /** SQLAlchemy URL. */
  readonly connection: string
  readonly stores: StorePlan
  /** Where the rules of policy stand. */
  readonly policy: PolicyPlan
  /** Who may do what with additional properties; null without a `property_protection_file`. */
  readonly protections: PropertyProtections | null
  /** What `schema-image.json` says of additional properties; null without that file. */
  readonly siteSchema: SiteSchema | null
  /** Where driver packages are looked for first: the folder of the first configuration file, else the working folder. */
  readonly driverFolder: string
  /** What is wrong so far; the options of drivers come on top when they are loaded. */
  readonly problems: readonly ConfigProblem[]
  /** Every setting, for the groups of stores. */
  readonly settings: Settings
  /** The default of an option of the server's own groups, in a file's words. */
  readonly defaultOf: (group: string, option: string) => string | null
  /** What is understood but not served; worth a line in the log each. */
  readonly warnings: readonly string[]
}

/** Reads everything. It does not throw: what is wrong stands in `problems`, and `startServer` refuses to start with any. */
export function loadConfig(request: ConfigRequest): ServerConfig {
  const read = readFiles(request.configFiles, request.configDirs)
  const settings = new Settings({
    files: read.settings,
    environment: request.environment,
    overrides: request.overrides,
  })
  const problems: ConfigProblem[] = read.problems.map(({ place, message }) => ({
    place,
    group: null,
    option: null,
    message,
  }))
  const defaultOf = (group: string, option: string): string | null =>
    defaultText(serverOptionGroups[group as keyof typeof serverOptionGroups], option)
  const values: Record<string, unknown> = {}
  for (const [group, table] of Object.entries(serverOptionGroups)) {
    const found = readGroup(group, table, settings, defaultOf)
    problems.push(...found.problems)
    values[group] = found.values
  }
  const typed = values as ConfigValues
  const loginOf = (group: 'keystone_authtoken' | 'oslo_limit'): KeystoneLogin => {
    const section = typed[group].authSection
    if (section === undefined) return typed[group]
    const { values: login, problems: wrong } = readGroup(section, keystoneLoginOptions, settings, defaultOf)
    problems.push(...wrong)
    return login
  }
  const keystoneLogin = loginOf('keystone_authtoken')
  const limitsLogin = loginOf('oslo_limit')
  problems.push(...limitProblems(typed, limitsLogin, settings))
  if (parseStorageQuota(typed.DEFAULT.userStorageQuota) === null)
    problems.push(storageQuotaProblem(typed.DEFAULT.userStorageQuota, settings))
  const auth = authOf(typed, settings)
  const dataDir = resolve(
    typed.glance_server.dataDir ??
      join(request.environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'glance-server'),
  )
  const stores = planStores(typed, settings, read.files.length > 0 ? null : join(dataDir, 'images'))
  problems.push(...stores.problems)
  const folder = read.files[0] === undefined ? null : resolve(dirname(read.files[0]))
  const folders = [...request.configDirs, ...read.files.map((file) => dirname(file))].map((each) => resolve(each))
  const protections = readPropertyProtections(typed.DEFAULT, settings, folders)
  problems.push(...protections.problems)
  const site = readSiteSchemaFile(folders)
  problems.push(...site.problems)
  const policy = { ...planPolicy(typed.oslo_policy, settings, folder), asked: protections.asked }
  problems.push(...readPolicy(policy).problems)
  return Object.freeze({
    values: typed,
    auth,
    keystoneLogin,
    limitsLogin,
    dataDir,
    connection: typed.database.connection ?? `sqlite:///${sqlitePath(join(dataDir, 'glance.sqlite'))}`,
    stores: stores.plan,
    policy,
    protections: protections.protections,
    siteSchema: site.schema,
    problems,
    driverFolder: folder ?? resolve('.'),
    settings,
    defaultOf,
    warnings: [...unservedSettings(typed, auth), ...limitWarnings(typed, limitsLogin), ...protections.warnings],
  })
}

/** SQLAlchemy's form: four slashes in all before an absolute path. */
function sqlitePath(path: string): string {
  return isAbsolute(path) ? path : resolve(path)
}

function defaultText(table: OptionTable | undefined, option: string): string | null {
  const found = Object.entries(table ?? {}).find(([name, each]) => glanceName(name, each as Option) === option)
  return (found?.[1] as Option | undefined)?.defaultText ?? null
}

/** A flavor such as `keystone` or `keystone+caching` counts unless the server's own option says otherwise. */
function authOf(values: ConfigValues, settings: Settings): ServerConfig['auth'] {
  const told = settings.find('glance_server', 'auth') !== null
  return !told && wantsKeystone(values) ? 'keystone' : values.glance_server.auth
}

function wantsKeystone(values: ConfigValues): boolean {
  return (values.paste_deploy.flavor ?? '').includes('keystone')
}

/** Settings that are understood but not served, so that nobody believes in a protection that is not there. */
function unservedSettings(values: ConfigValues, auth: ServerConfig['auth']): string[] {
  return wantsKeystone(values) && auth !== 'keystone'
    ? [
        `[paste_deploy] flavor ${values.paste_deploy.flavor}: [glance_server] auth is ${auth}, so Keystone is not asked and its tokens count for nothing`,
      ]
    : []
}
