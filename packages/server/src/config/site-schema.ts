import { readFileSync } from 'node:fs'
import { readSiteSchema, type SiteSchema } from '@glance/service'
import { findFile } from './find-file.ts'
import type { ConfigProblem } from './problem.ts'

/** Where Glance looks for what a site says of additional properties. No option names it. */
const fileName = 'schema-image.json'

/** Reads the file if one of the folders has it; without a folder none is looked for. */
export function readSiteSchemaFile(folders: readonly string[]): {
  readonly schema: SiteSchema | null
  readonly problems: readonly ConfigProblem[]
} {
  const file = folders.length === 0 ? null : findFile(fileName, folders)
  if (file === null) return { schema: null, problems: [] }
  const problem = (message: string): ConfigProblem => ({
    place: { file, line: 0 },
    group: null,
    option: null,
    message,
  })
  try {
    const { schema, problems } = readSiteSchema(JSON.parse(readFileSync(file, 'utf8')))
    return { schema: problems.length > 0 ? null : schema, problems: problems.map(problem) }
  } catch (error) {
    const reason = error instanceof SyntaxError ? `is not JSON: ${error.message}` : 'cannot be read'
    return { schema: null, problems: [problem(reason)] }
  }
}
