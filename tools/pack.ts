/**
 * Packs packages as they would be published and has the tarballs judged by publint and are-the-types-wrong.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { pnpmCommand, run } from './command.ts'
import type { WorkspacePackage } from './workspace.ts'

/** Programs under check must see a package as its users do, not by the condition that leads to its sources. */
const asUsersSeeIt = { NODE_OPTIONS: undefined }

/**
 * Names build output whose source is gone: tsc writes but never removes, so a renamed module would be published twice.
 * Paths are relative to the package. Empty when there is no build.
 */
export function staleOutput({ directory }: WorkspacePackage): readonly string[] {
  const dist = join(directory, 'dist')
  if (!existsSync(dist)) return []
  return (readdirSync(dist, { recursive: true }) as string[])
    .filter((file) => /\.(?:js|d\.ts)(?:\.map)?$/.test(file))
    .filter((file) => !existsSync(join(directory, 'src', file.replace(/\.(?:js|d\.ts)(?:\.map)?$/, '.ts'))))
    .map((file) => `dist/${file}`)
}

/** Packs one built package into `destination`, which is made. Returns the tarball's path; throws with pnpm's words. */
export async function packPackage(subject: WorkspacePackage, destination: string): Promise<string> {
  const stem = subject.name.replace('@', '').replace('/', '-')
  // A directory of its own: whatever name the tarball gets, it is the only file in there.
  const directory = join(destination, `${stem}-tmp`)
  mkdirSync(directory, { recursive: true })
  const [pnpm, ...first] = pnpmCommand()
  const result = await run(pnpm, [...first, 'pack', '--pack-destination', directory], {
    directory: subject.directory,
    environment: asUsersSeeIt,
  })
  const [file] = readdirSync(directory)
  if (result.code !== 0 || file === undefined)
    throw new Error(`pnpm pack failed in ${subject.folder}:\n${result.output}`)
  const tarball = join(destination, `${stem}.tgz`)
  renameSync(join(directory, file), tarball)
  return tarball
}

/** Everything that publint and attw find wrong with a tarball, empty when both accept it. */
export async function tarballProblems(subject: WorkspacePackage, tarball: string): Promise<readonly string[]> {
  const stale = staleOutput(subject).map(
    (file) => `${subject.folder}/${file} has no source any more: delete dist and build again`,
  )
  const judges = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'],
  ] as const
  const found = await Promise.all(
    judges.map(async ([program, ...args]) => {
      const { code, output } = await run(program, args, { environment: { ...asUsersSeeIt, NO_COLOR: '1' } })
      return code === 0 ? [] : [`${program} on ${subject.name}:\n${output.trim()}`]
    }),
  )
  return [...stale, ...found.flat()]
}
