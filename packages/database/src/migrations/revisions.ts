import { DatabaseSetupError } from '../errors.ts'

/** The revision that this release leaves behind: the head of Glance 2024.1 and later. */
export const headRevision = '2024_1_contract01'

/** Releases of Glance from the oldest schema that is taken over to the newest; each has a revision `…_expand01` and one `…_contract01`. */
const releases = ['wallaby', 'xena', 'yoga', 'zed', '2023_1', '2024_1'] as const

/** Releases before those, to tell an old database from an unknown one. */
const olderReleases = [
  'liberty',
  'mitaka',
  'ocata',
  'pike',
  'queens',
  'rocky',
  'stein',
  'train',
  'ussuri',
  'victoria',
] as const

/** Every revision that a database may have and still be taken over, oldest first. */
const known: readonly string[] = releases.flatMap((release) => [`${release}_expand01`, `${release}_contract01`])

/**
 * Checks that a database with these revisions can be taken over.
 *
 * There is one row, or two while an upgrade of Glance is half done (the last `contract` and a newer `expand`); between the known revisions
 * nothing was removed or moved, so both are fine.
 *
 * @throws DatabaseSetupError with what to run
 */
export function assertKnownRevisions(revisions: readonly string[]): void {
  const stranger = revisions.find((revision) => !known.includes(revision))
  if (stranger === undefined && revisions.some((revision) => revision.endsWith('_contract01'))) return
  const found = revisions.length === 0 ? 'no revision' : `revision ${revisions.join(' and ')}`
  const isOld =
    revisions.length > 0 && (stranger === undefined || olderReleases.some((release) => stranger.startsWith(release)))
  throw new DatabaseSetupError(
    isOld
      ? `the database has ${found}, which is older than wallaby_contract01: run "glance-manage db sync" of Glance Wallaby or later on it first`
      : `the database has ${found}, but this release knows wallaby_contract01 to ${headRevision}: ` +
          'run "glance-manage db version" to see what made it, and a release of glance-server for that schema',
  )
}
