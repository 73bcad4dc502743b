import type { Place } from './ini.ts'

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  readonly place: Place | null
  readonly group: string | null
  readonly option: string | null
  /** The rest of a sentence that starts with the option, or a whole one when there is no option. */
  readonly message: string
}

/** A configuration that cannot work, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(['the configuration cannot work:', ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n'))
    this.problems = problems
  }
}

/** A problem in one line: file and line, group and option, what is wrong. */
export function formatProblem({ place, group, option, message }: ConfigProblem): string {
  const where = place === null ? '' : place.line > 0 ? `${place.file}:${place.line}: ` : `${place.file}: `
  const what = group === null ? '' : option === null ? `[${group}] ` : `[${group}] ${option} `
  return `${where}${what}${message}`
}
