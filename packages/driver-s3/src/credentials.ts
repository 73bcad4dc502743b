import { stat } from 'node:fs/promises'
import { StoreError } from '@glance/core'
import type { S3Options } from './options.ts'

/** Keys, as the SDK takes them. */
export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of keys that are good for a while: those of a role. */
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** The name of the error when a file of credentials cannot be read. */
export const credentialsFileError = 'CredentialsFileError'

/** Reads one profile of a file of credentials. */
export type ReadProfile = (file: string, profile: string) => Promise<Keys>

/**
 * Where the credentials of a store come from: its keys, its file, or (null) the SDK's own chain, which knows the environment, shared files, web identities and the
 * roles of containers and instances, and renews what expires.
 *
 * @throws StoreError BAD_CONFIGURATION for half a pair of keys, or for keys and a file
 */
export function credentialsOf(
  options: Pick<S3Options, 'accessKey' | 'secretKey' | 'credentialsFile' | 'credentialsProfile'>,
  readProfile: ReadProfile = profileReader,
): Keys | (() => Promise<Keys>) | null {
  const { accessKey = '', secretKey = '', credentialsFile, credentialsProfile } = options
  if ((accessKey === '') !== (secretKey === '')) {
    const missing = accessKey === '' ? 's3_store_access_key' : 's3_store_secret_key'
    throw new StoreError('BAD_CONFIGURATION', `${missing}: is missing beside the other key`)
  }
  if (accessKey === '')
    return credentialsFile === undefined ? null : watched(credentialsFile, credentialsProfile, readProfile)
  if (credentialsFile === undefined) return { accessKeyId: accessKey, secretAccessKey: secretKey }
  throw new StoreError('BAD_CONFIGURATION', 's3_store_credentials_file: stands beside keys, and only one can count')
}

/** Reads a profile whenever its file has changed, and when what it led to (a role) is about to expire. */
function watched(file: string, profile: string, read: ReadProfile): () => Promise<Keys> {
  let known: { readonly version: string; readonly identity: Keys } | null = null
  return async () => {
    try {
      const { mtimeMs, size, ino } = await stat(file)
      const version = `${mtimeMs} ${size} ${ino}`
      const expires = known?.identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY
      if (known?.version !== version || expires - Date.now() < 300_000)
        known = { version, identity: await read(file, profile) }
    } catch (cause) {
      // A file that is just being replaced is no reason to stop.
      if (known === null)
        throw Object.assign(new Error(`no credentials in ${file}`, { cause }), { name: credentialsFileError })
    }
    // Keys that seem to run out now make the SDK ask again before each request.
    return { ...known.identity, expiration: new Date() }
  }
}

const profileReader: ReadProfile = async (file, profile) => {
  const { fromIni } = await import('@aws-sdk/credential-providers')
  return fromIni({ filepath: file, profile, ignoreCache: true })()
}
