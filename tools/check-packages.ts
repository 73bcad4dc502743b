/**
 * Checks the fields and files of every package; without `--no-pack` also what would be published.
 *
 * Packing needs a build; what is missing is built first. Exit code 1 lists every problem.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './command.ts'
import { packPackage, tarballProblems } from './pack.ts'
import { packageProblems } from './package-rules.ts'
import { packagesBelow, repositoryRoot, type WorkspacePackage } from './workspace.ts'

async function packedProblems(packages: readonly WorkspacePackage[]): Promise<readonly string[]> {
  const { code, output } = await build()
  if (code !== 0) return [output, 'nothing was packed: the build failed']
  const directory = mkdtempSync(join(tmpdir(), 'glance-pack-'))
  const problems: string[] = []
  try {
    for (const subject of packages)
      problems.push(...(await tarballProblems(subject, await packPackage(subject, directory))))
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  } finally {
    rmSync(directory, { recursive: true })
  }
  return problems
}

const { values } = parseArgs({ options: { 'no-pack': { type: 'boolean', default: false } } })
const packages = packagesBelow(repositoryRoot, 'packages')
const problems = packages.flatMap((subject) => packageProblems(subject, repositoryRoot))
if (!values['no-pack']) problems.push(...(await packedProblems(packages)))
for (const problem of problems) console.log(problem)
if (problems.length > 0) process.exitCode = 1
