/**
 * The accounts that a store knows, each under the name by which locations refer to it.
 *
 * They come from the sections of `swift_store_config_file`, or else from the options; each store has its own. A location holds the name alone, so credentials can change.
 */
import { readFileSync } from 'node:fs'
import { type Logger, StoreError } from '@glance/core'
import { parseConfigFile } from './config-file.ts'
import type { SwiftOptions } from './options.ts'

/** How to log in to one account. */
export interface Reference {
  readonly name: string
  readonly authVersion: '1' | '2' | '3'
  /** With its scheme, without a slash at its end. */
  readonly authAddress: string
  /** `project:user` or `account:user`; null with an application credential. */
  readonly user: string | null
  readonly key: string | null
  readonly applicationCredential: { readonly id: string; readonly secret: string } | null
  readonly projectId: string | undefined
  readonly projectName: string | undefined
  readonly userDomainId: string | undefined
  readonly userDomainName: string | undefined
  readonly projectDomainId: string | undefined
  readonly projectDomainName: string | undefined
}

export type References = ReadonlyMap<string, Reference>

/**
 * Reads the accounts of a store. A section that lacks something is left out with a warning, since it may belong to another store.
 *
 * @throws StoreError BAD_CONFIGURATION when the file cannot be read, or the account for new images is not there or lacks something
 */
export function readReferences(options: SwiftOptions, logger: Logger): References {
  const references =
    options.configFile === undefined ? fromOptions(options) : fromFile(options.configFile, options, logger)
  if (references.has(options.defaultReference) || options.multiTenant) return references
  throw bad(
    options.configFile === undefined
      ? 'swift_store_auth_address and swift_store_user with swift_store_key (or an application credential) are needed'
      : `swift_store_config_file has no usable section [${options.defaultReference}] (default_swift_reference)`,
  )
}

function fromOptions(options: SwiftOptions): References {
  const values = {
    auth_address: options.authAddress,
    user: options.user,
    key: options.key,
    application_credential_id: options.applicationCredentialId,
    application_credential_secret: options.applicationCredentialSecret,
    project_id: options.projectId,
    project_name: options.projectName,
  }
  const given = Object.entries(values).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  )
  // A multi-tenant store needs no user of its own, only a Keystone to ask for the catalogs of its users.
  if (given.length === 0 || (options.multiTenant && given.every(([name]) => name === 'auth_address'))) return new Map()
  const found = referenceOf(options.defaultReference, new Map(given), options)
  if (typeof found === 'string') throw bad(`the account of the options ${found}`)
  return new Map([[found.name, found]])
}

function fromFile(file: string, options: SwiftOptions, logger: Logger): References {
  const references = new Map<string, Reference>()
  let sections: ReturnType<typeof parseConfigFile>
  try {
    sections = parseConfigFile(readFileSync(file, 'utf8'))
  } catch (cause) {
    // What Node throws for a file shows its path alone; what the parser throws shows a line number.
    const words = cause instanceof SyntaxError ? `: ${cause.message}` : ' cannot be read'
    throw new StoreError('BAD_CONFIGURATION', `swift_store_config_file ${JSON.stringify(file)}${words}`, { cause })
  }
  for (const [name, values] of sections) {
    const found = referenceOf(name, values, options)
    if (typeof found !== 'string') references.set(name, found)
    else logger.warn({ reference: name, problem: found }, 'a section of swift_store_config_file is left out')
  }
  return references
}

/** @returns what is wrong with it, in words that hold no value, when it cannot be used */
function referenceOf(name: string, values: ReadonlyMap<string, string>, options: SwiftOptions): Reference | string {
  const value = (key: string): string | undefined => values.get(key) || undefined
  const version = /^([123])(\.0)?$/.exec(value('auth_version') ?? options.authVersion)?.[1]
  const address = value('auth_address')
  if (address === undefined) return 'has no auth_address'
  const authAddress = (/^https?:\/\//i.test(address) ? address : `https://${address}`).replace(/\/+$/, '')
  if (!URL.canParse(authAddress)) return 'has an auth_address that is no address'
  if (version !== '1' && version !== '2' && version !== '3') return 'has an auth_version that is none of 1, 2, 3'
  const [user, key] = [value('user'), value('key')]
  const [id, secret] = [value('application_credential_id'), value('application_credential_secret')]
  if ((id === undefined) !== (secret === undefined)) return 'has half an application credential'
  if (id === undefined && (user === undefined || key === undefined)) return 'has no user or no key'
  if (id !== undefined && version !== '3') return 'has an application credential, which needs auth_version 3'
  const [projectId, projectName] = [value('project_id'), value('project_name')]
  if (id === undefined && version !== '1' && !user?.includes(':') && (projectId ?? projectName) === undefined)
    return 'has a user that is not project:user'
  const domains = {
    userDomainId: value('user_domain_id'),
    userDomainName: value('user_domain_name'),
    projectDomainId: value('project_domain_id'),
    projectDomainName: value('project_domain_name'),
  }
  if (domains.userDomainId === undefined && domains.userDomainName === undefined) domains.userDomainId = 'default'
  if (domains.projectDomainId === undefined && domains.projectDomainName === undefined)
    domains.projectDomainId = 'default'
  return {
    name,
    authVersion: version,
    authAddress,
    user: id === undefined ? (user ?? null) : null,
    key: id === undefined ? (key ?? null) : null,
    applicationCredential: id === undefined || secret === undefined ? null : { id, secret },
    projectId,
    projectName,
    ...domains,
  }
}

/** The project of a `project:user`, or the account of an `account:user`; null when there is none. */
export function projectOf(user: string): string | null {
  const at = user.indexOf(':')
  return at === -1 ? null : user.slice(0, at)
}

function bad(message: string): StoreError {
  return new StoreError('BAD_CONFIGURATION', message)
}
