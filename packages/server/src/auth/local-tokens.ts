/**
 * Tokens of this server's own, for a life without Keystone.
 *
 * The administrator's token is made at the first start and kept in the data folder, readable by its user alone. More tokens come from a JSON file:
 * `[{"token": "…", "user": "alice", "project": "demo", "roles": ["member"]}]`. In memory there are only digests, so that looking a token up takes no longer for a token that is nearly right.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Authenticator, Identity } from './identity.ts'
import { withImpliedRoles } from './identity.ts'

/** A file of tokens that cannot be used, in words for the operator. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError'
}

/** Shortest token that is taken from a file; shorter ones can be guessed. */
const shortest = 16

/** The administrator's token of a data folder, and whether it was made just now. */
export function adminToken(path: string): { readonly token: string; readonly fresh: boolean } {
  try {
    const token = readFileSync(path, 'utf8').trim()
    if (token.length >= shortest) return { token, fresh: false }
    throw new TokenFileError(`${path} holds no token; remove it to have a new one made`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  const token = randomBytes(32).toString('base64url')
  writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' })
  return { token, fresh: true }
}

/** The tokens of a file. @throws TokenFileError saying which entry is wrong, without showing a token */
export function readTokenFile(path: string): ReadonlyMap<string, Identity> {
  let entries: unknown
  try {
    entries = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new TokenFileError(`${path} cannot be read as JSON`, { cause: error })
  }
  if (!Array.isArray(entries)) throw new TokenFileError(`${path} must hold a list of tokens`)
  return new Map(entries.map((entry: unknown, index) => parseEntry(entry, `${path}: entry ${index + 1}`)))
}

function parseEntry(entry: unknown, where: string): [string, Identity] {
  const fields: Readonly<Record<string, unknown>> = typeof entry === 'object' && entry !== null ? { ...entry } : {}
  const { token, user, project, roles, ...rest } = fields
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
  if (!isText(token) || token.length < shortest)
    throw new TokenFileError(`${where}: token must be a text of at least ${shortest} characters`)
  if (!isText(user)) throw new TokenFileError(`${where}: user must be a text`)
  if (!isText(project)) throw new TokenFileError(`${where}: project must be a text`)
  if (!Array.isArray(roles) || !roles.every(isText)) throw new TokenFileError(`${where}: roles must be a list of texts`)
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new TokenFileError(`${where}: ${unknown} is not known; a token has token, user, project and roles`)
  return [token, { user, project, roles }]
}

/** Lets in whoever has one of the tokens. */
export function localTokens(tokens: ReadonlyMap<string, Identity>): Authenticator {
  const byDigest = new Map(
    [...tokens].map(([token, identity]) => [digestOf(token), { ...identity, roles: withImpliedRoles(identity.roles) }]),
  )
  return {
    challenge: 'Token realm="glance-server"',
    async identify(token) {
      return token === null ? null : (byDigest.get(digestOf(token)) ?? null)
    },
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
