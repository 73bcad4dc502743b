import type { Acls } from '@glance/core'

/**
 * The access lists of an image's container, as Glance writes them.
 *
 * `*:*` lets everybody with a token read, and `PROJECT:*` the users of a project (Swift, "Container ACLs").
 *
 * @param admins - projects that may write to every image
 */
export function containerAcls(
  { public: isPublic, read, write }: Pick<Acls, 'public' | 'read' | 'write'>,
  admins: readonly string[],
): { readonly 'x-container-read': string; readonly 'x-container-write': string } {
  const everybodyIn = (projects: readonly string[]): string => projects.map((project) => `${project}:*`).join(',')
  return {
    'x-container-read': isPublic ? '*:*' : everybodyIn(read),
    'x-container-write': everybodyIn([...new Set([...write, ...admins])]),
  }
}
