import { readFileSync } from 'node:fs'
import { ImageClient } from '@glance/client'
import { type NodeFetchOptions, nodeFetch } from '@glance/client/node'
import { debugLog } from './debug-log.ts'
import { CommandFailure } from './failure.ts'
import type { Io } from './io.ts'

/** Options before the command, as the parser names them. */
export interface GlobalOptions {
  readonly debug?: boolean
  readonly verbose?: boolean
  readonly osImageUrl?: string
  readonly osImageApiVersion?: string
  readonly osAuthToken?: string
  readonly insecure?: boolean
  readonly osCacert?: string
  readonly osCert?: string
  readonly osKey?: string
  readonly timeout?: number
}

/** What the options and the environment variables say together; an option wins over its variable. */
export interface Environment {
  readonly debug: boolean
  readonly verbose: boolean
  readonly imageUrl: string | null
  readonly apiVersion: string | null
  readonly token: string | null
  readonly insecure: boolean
  readonly caFile: string | null
  readonly certFile: string | null
  readonly keyFile: string | null
  /** Seconds of silence after which the service counts as gone. */
  readonly timeout: number
}

/** Reads the environment. Empty variables count as absent, as scripts often clear them that way. */
export function readEnvironment(options: GlobalOptions, env: Io['env']): Environment {
  const either = (option: string | undefined, variable: string): string | null => option || env[variable] || null
  return {
    debug: options.debug === true || Boolean(env['GLANCECLIENT_DEBUG']),
    verbose: options.verbose === true,
    imageUrl: either(options.osImageUrl, 'OS_IMAGE_URL'),
    apiVersion: either(options.osImageApiVersion, 'OS_IMAGE_API_VERSION'),
    token: either(options.osAuthToken, 'OS_AUTH_TOKEN'),
    insecure: options.insecure === true,
    caFile: either(options.osCacert, 'OS_CACERT'),
    certFile: either(options.osCert, 'OS_CERT'),
    keyFile: either(options.osKey, 'OS_KEY'),
    timeout: options.timeout ?? 600,
  }
}

/**
 * A client for the service the environment names.
 *
 * Asynchronous because finding the service or a token may itself take calls. Nothing is sent to the service yet.
 *
 * @throws CommandFailure that names the option and the variable of what is missing or wrong
 */
export async function connect(environment: Environment, io: Io): Promise<ImageClient> {
  checkApiVersion(environment)
  const { imageUrl, token } = environment
  if (imageUrl === null) {
    throw new CommandFailure(
      'You must provide the URL of the image service via either --os-image-url or env[OS_IMAGE_URL]',
    )
  }
  if (token === null) {
    throw new CommandFailure('You must provide a token via either --os-auth-token or env[OS_AUTH_TOKEN]')
  }
  try {
    return new ImageClient({
      endpoint: imageUrl,
      token,
      fetch: nodeFetch(trustOf(environment)),
      userAgent: `glance-cli/${VERSION}`,
      timeoutMs: environment.timeout * 1000,
      ...(environment.debug ? { observe: debugLog(io.stderr, token) } : {}),
    })
  } catch (error) {
    if (error instanceof TypeError)
      throw new CommandFailure(`Invalid --os-image-url: ${error.message}`, 1, { cause: error })
    throw error
  }
}

function checkApiVersion({ apiVersion, imageUrl }: Environment): void {
  const wanted = apiVersion ?? /\/v(\d+)(\.\d+)?\/*$/.exec(imageUrl ?? '')?.[1] ?? '2'
  if (wanted === '2') return
  const known = wanted === '1' ? 'Version 1 of the Image API is not supported.' : 'Invalid API version parameter.'
  throw new CommandFailure(`${known} Use --os-image-api-version 2 or env[OS_IMAGE_API_VERSION].`)
}

function trustOf(environment: Environment): NodeFetchOptions {
  const { insecure, caFile, certFile, keyFile } = environment
  return {
    insecure,
    ...(caFile === null ? {} : { ca: readPem(caFile, '--os-cacert') }),
    ...(certFile === null ? {} : { cert: readPem(certFile, '--os-cert') }),
    ...(keyFile === null ? {} : { key: readPem(keyFile, '--os-key') }),
  }
}

function readPem(path: string, option: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new CommandFailure(`Cannot read the file of ${option}: ${error instanceof Error ? error.message : error}`)
  }
}

/** Version of this package. */
export const VERSION: string = readVersion()

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version)
  return 'unknown'
}
