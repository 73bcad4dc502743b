/** `[healthcheck]` made ready: which checks run, on which files, for whom. */
import { BlockList, isIP } from 'node:net'
import type { ConfigProblem } from './problem.ts'
import type { Settings } from './sources.ts'
import type { ConfigValues } from './tables/groups.ts'

/** Settings of `[healthcheck]` made ready. */
export interface HealthSettings {
  readonly path: string
  /** Null for a check that does not run. */
  readonly disableByFile: string | null
  /** File by port. */
  readonly disableByFilesPorts: ReadonlyMap<number, string> | null
  readonly enableByFiles: readonly string[] | null
  /** Whom to answer; null for everybody. */
  readonly allowedSources: BlockList | null
  readonly ignoreProxied: boolean
  readonly detailed: boolean
}

const checks = ['disable_by_file', 'disable_by_files_ports', 'enable_by_files'] as const

/** Everything that is wrong with `[healthcheck]`. */
export function healthProblems(values: ConfigValues, settings: Settings): readonly ConfigProblem[] {
  return healthSettings(values.healthcheck).problems.map(({ option, message }) => ({
    place: settings.find('healthcheck', option)?.place ?? null,
    group: 'healthcheck',
    option,
    message,
  }))
}

/** The settings as far as they can be read, and what is wrong with the rest. */
export function healthSettings(options: ConfigValues['healthcheck']): {
  readonly settings: HealthSettings
  readonly problems: readonly { readonly option: string; readonly message: string }[]
} {
  const problems: { option: string; message: string }[] = []
  const { backends, disableByFilePaths, enableByFilePaths, allowedSourceRanges } = options
  const runs = (check: (typeof checks)[number], files: number): boolean =>
    backends.length === 0 ? files > 0 : backends.includes(check)
  for (const name of backends) {
    if (!(checks as readonly string[]).includes(name))
      problems.push({ option: 'backends', message: `names ${name}; it may name ${checks.join(', ')}` })
  }
  if (!/^\/[\w./~-]*$/.test(options.path))
    problems.push({ option: 'path', message: 'must be a path such as /healthcheck' })
  const byPort = new Map<number, string>()
  for (const pair of disableByFilePaths) {
    const [, port = '', file = ''] = /^(\d{1,5}):(.+)$/.exec(pair.trim()) ?? []
    if (file === '')
      problems.push({ option: 'disable_by_file_paths', message: `holds ${pair}, which is not port:path` })
    else byPort.set(Number(port), file)
  }
  const allowed = allowedSourceRanges.length === 0 ? null : new BlockList()
  for (const range of allowedSourceRanges) {
    if (!addRange(allowed, range))
      problems.push({
        option: 'allowed_source_ranges',
        message: `holds ${range}, which is no network such as 10.0.0.0/8`,
      })
  }
  return {
    problems,
    settings: {
      path: options.path,
      disableByFile: runs('disable_by_file', 1) ? options.disableByFilePath : null,
      disableByFilesPorts: runs('disable_by_files_ports', byPort.size) ? byPort : null,
      enableByFiles: runs('enable_by_files', enableByFilePaths.length) ? enableByFilePaths : null,
      allowedSources: allowed,
      ignoreProxied: options.ignoreProxiedRequests,
      detailed: options.detailed,
    },
  }
}

/** A network, or a single address. */
function addRange(list: BlockList | null, range: string): boolean {
  const [address = '', prefix, ...more] = range.trim().split('/')
  const family = isIP(address)
  const longest = family === 4 ? 32 : 128
  const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (family === 0 || more.length > 0 || !(bits <= longest)) return false
  list?.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
  return true
}
