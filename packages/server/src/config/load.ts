/**
 * From command line, files and environment to one frozen configuration, with the list of everything that is wrong.
 */
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { glanceName, type Option, type OptionTable, type OptionValues } from '@glance/core'
import type { PropertyProtections, SiteSchema } from '@glance/service'
import { readFiles } from './files.ts'
import { readGroup } from './group.ts'
import { healthProblems } from './healthcheck.ts'
import { limitProblems, limitWarnings } from './limits.ts'
import { type Pipeline, readPipeline } from './paste.ts'
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
  /** Which filters run in front of the API. */
  readonly pipeline: Pipeline
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
  const { environment, overrides } = request
  const inFiles = new Settings({ files: read.settings, environment, overrides })
  const pipeline = pipelineOf(inFiles, read.files)
  // What a section of the paste file says counts over the configuration files, as in oslo.middleware.
  const settings = new Settings({ files: [...read.settings, pipeline.settings], environment, overrides })
  const problems: ConfigProblem[] = read.problems.map(({ place, message }) => ({
    place,
    group: null,
    option: null,
    message,
  }))
  problems.push(...pipeline.problems)
  const defaultOf = (group: string, option: string): string | null =>
    defaultText(serverOptionGroups[group as keyof typeof serverOptionGroups], option)
  const values: Record<string, unknown> = {}
  for (const [group, table] of Object.entries(serverOptionGroups)) {
    const found = readGroup(group, table, settings, defaultOf)
    problems.push(...found.problems)
    values[group] = found.values
  }
  const typed = values as ConfigValues
  problems.push(...healthProblems(typed, settings))
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
  const auth = authOf(typed, settings, pipeline)
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
    keystoneLogin: withOldDomain(keystoneLogin, settings),
    limitsLogin,
    dataDir,
    connection: typed.database.connection ?? `sqlite:///${sqlitePath(join(dataDir, 'glance.sqlite'))}`,
    stores: stores.plan,
    pipeline,
    policy,
    protections: protections.protections,
    siteSchema: site.schema,
    problems,
    driverFolder: folder ?? resolve('.'),
    settings,
    defaultOf,
    warnings: [
      ...pipeline.warnings,
      ...unservedSettings(typed, auth, pipeline),
      ...limitWarnings(typed, limitsLogin),
      ...protections.warnings,
    ],
  })
}

/** Accounts of the time of `admin_user` had no domain: they are those of the one that Keystone calls `default`. */
function withOldDomain(login: KeystoneLogin, settings: Settings): KeystoneLogin {
  const isOld = settings.find('keystone_authtoken', 'admin_user') !== null
  const { defaultDomainId, defaultDomainName, userDomainId, userDomainName } = login
  const named = [defaultDomainId, defaultDomainName, userDomainId, userDomainName].some((each) => each !== undefined)
  return isOld && !named ? { ...login, defaultDomainId: 'default' } : login
}

/** SQLAlchemy's form: four slashes in all before an absolute path. */
function sqlitePath(path: string): string {
  return isAbsolute(path) ? path : resolve(path)
}

function defaultText(table: OptionTable | undefined, option: string): string | null {
  const found = Object.entries(table ?? {}).find(([name, each]) => glanceName(name, each as Option) === option)
  return (found?.[1] as Option | undefined)?.defaultText ?? null
}

function pipelineOf(settings: Settings, configFiles: readonly string[]): Pipeline {
  const flavor = settings.find('paste_deploy', 'flavor')?.values.at(-1)?.trim() ?? ''
  const file = settings.find('paste_deploy', 'config_file')
  const path = file?.values.at(-1)?.trim() ?? ''
  return readPipeline({ flavor, named: file && path !== '' ? { path, place: file.place } : null, configFiles })
}

/** A pipeline that asks for tokens of Keystone counts unless the server's own option says otherwise. */
function authOf(values: ConfigValues, settings: Settings, pipeline: Pipeline): ServerConfig['auth'] {
  const told = settings.find('glance_server', 'auth') !== null
  return !told && wantsKeystone(values, pipeline) ? 'keystone' : values.glance_server.auth
}

/** The flavor alone is enough: nobody who asks for it should get less because of a file. */
function wantsKeystone(values: ConfigValues, { filters }: Pipeline): boolean {
  return filters.has('keystone') || (values.paste_deploy.flavor ?? '').includes('keystone')
}

/** Settings that are understood but not served, so that nobody believes in a protection that is not there. */
function unservedSettings(values: ConfigValues, auth: ServerConfig['auth'], pipeline: Pipeline): string[] {
  const { file, filters } = pipeline
  const flavor = values.paste_deploy.flavor ?? ''
  const warnings: string[] = []
  if (wantsKeystone(values, pipeline) && auth !== 'keystone')
    warnings.push(
      `[paste_deploy] flavor ${flavor}: [glance_server] auth is ${auth}, so Keystone is not asked and its tokens count for nothing`,
    )
  if (filters.has('everybody') && file !== null && auth === 'local')
    warnings.push(
      `${file}: its pipeline lets everybody in as an administrator; here a token of this server is asked for, unless [glance_server] auth is noauth`,
    )
  if (filters.has('cache')) warnings.push('the image cache is not served in this release; the API works without it')
  if (values.oslo_middleware.enableProxyHeadersParsing && !filters.has('proxy headers'))
    warnings.push(
      `${file}: its pipeline has no http_proxy_to_wsgi, so [oslo_middleware] enable_proxy_headers_parsing has no effect`,
    )
  if (values.cors.allowedOrigin.length > 0 && !filters.has('cors'))
    warnings.push(`${file}: its pipeline has no cors, so [cors] has no effect`)
  return warnings
}
