/** Where the rules of policy stand, and what they say. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createEnforcer, defaultRules, type Policy } from '@glance/service'
import type { Place } from './ini.ts'
import { parsePolicyFile } from './policy-file.ts'
import type { ConfigProblem } from './problem.ts'
import type { Settings } from './sources.ts'
import type { ConfigValues } from './tables/groups.ts'

/** Files and folders of rules, as configured. */
export interface PolicyPlan {
  /** Absolute; the first one that exists is read. */
  readonly files: readonly string[]
  /** Absolute, each read after the file and after the folders before it. */
  readonly dirs: readonly string[]
  /** Whether somebody named the file or the folders, so that they must be there. */
  readonly named: { readonly file: boolean; readonly dirs: boolean }
  readonly enforceNewDefaults: boolean
  readonly defaultRule: string | null
  /** Rules that something outside of policy asks, and where it names them: without them the server does not start. */
  readonly asked?: ReadonlyMap<string, Place>
  /** Where these options stand, for problems. */
  readonly places: ReadonlyMap<string, Place>
}

/** Rules as they stand in the files now, and everything that is wrong with them. */
export interface ReadPolicy {
  readonly policy: Policy
  readonly problems: readonly ConfigProblem[]
}

/** @param folder - of the first configuration file; null without one, and then only what somebody named is read, from the working folder */
export function planPolicy(
  { policyFile, policyDirs, policyDefaultRule, enforceNewDefaults }: ConfigValues['oslo_policy'],
  settings: Settings,
  folder: string | null,
): PolicyPlan {
  const places = new Map(
    ['policy_file', 'policy_dirs', 'policy_default_rule'].flatMap((option) => {
      const found = settings.find('oslo_policy', option)
      return found ? [[option, found.place] as const] : []
    }),
  )
  const named = { file: places.has('policy_file'), dirs: places.has('policy_dirs') }
  const from = (path: string): string => resolve(folder ?? '.', path)
  const usual = folder === null ? [] : [policyFile, 'policy.json'].map(from)
  const dirs = folder === null && !named.dirs ? [] : policyDirs.map(from)
  return {
    files: named.file ? [from(policyFile)] : usual,
    dirs,
    named,
    enforceNewDefaults,
    defaultRule: policyDefaultRule ?? null,
    places,
  }
}

/** Reads all files. It does not throw: what is wrong stands in `problems`. */
export function readPolicy(plan: PolicyPlan): ReadPolicy {
  const problems: ConfigProblem[] = []
  const overrides = new Map<string, string>()
  const places = new Map<string, Place>()
  for (const file of policyFiles(plan, problems)) {
    try {
      const parsed = parsePolicyFile(readFileSync(file, 'utf8'), file)
      problems.push(...parsed.problems.map(({ place, message }) => ({ place, group: null, option: null, message })))
      for (const { rule, check, place } of parsed.rules) {
        overrides.set(rule, check)
        places.set(rule, place)
      }
    } catch (error) {
      problems.push({
        place: { file, line: 0 },
        group: null,
        option: null,
        message: `cannot be read (${codeOf(error)})`,
      })
    }
  }
  const { enforceNewDefaults, defaultRule } = plan
  const policy = createEnforcer({
    overrides: Object.fromEntries(overrides),
    enforceNewDefaults,
    ...(defaultRule === null ? {} : { defaultRule }),
  })
  for (const { rule, message } of policy.problems) {
    const place = places.get(rule) ?? (rule === defaultRule ? plan.places.get('policy_default_rule') : null) ?? null
    problems.push({ place, group: null, option: null, message: `rule ${rule} ${message}` })
  }
  for (const [rule, place] of plan.asked ?? []) {
    if (!overrides.has(rule) && !defaultRules.some(({ name }) => name === rule))
      problems.push({ place, group: null, option: null, message: `asks rule ${rule}, but policy has no such rule` })
  }
  return { policy, problems }
}

/** The files to read, in order; what is missing though somebody named it is a problem. */
function policyFiles(plan: PolicyPlan, problems: ConfigProblem[]): readonly string[] {
  const file = plan.files.find((each) => markOf(each) !== null)
  if (file === undefined && plan.named.file)
    problems.push({ ...optionOf(plan, 'policy_file'), message: `names ${plan.files.join()}, which does not exist` })
  const fromDirs = plan.dirs.flatMap((dir) => {
    try {
      return filesIn(dir)
    } catch (error) {
      const code = codeOf(error)
      if (code !== 'ENOENT' || plan.named.dirs)
        problems.push({ ...optionOf(plan, 'policy_dirs'), message: `names ${dir}, which cannot be read (${code})` })
      return []
    }
  })
  return [...(file === undefined ? [] : [file]), ...fromDirs]
}

/** A text that is another one as soon as a file of the plan is added, removed, replaced or written to. */
export function policyFingerprint(plan: PolicyPlan): string {
  const inDirs = plan.dirs.flatMap((dir) => {
    try {
      return filesIn(dir)
    } catch (error) {
      return [`${dir} ${codeOf(error)}`]
    }
  })
  return [...plan.files, ...inDirs].map((file) => `${file} ${markOf(file)}`).join('\n')
}

function filesIn(dir: string): readonly string[] {
  return readdirSync(dir)
    .filter((name) => /\.(?:yaml|json)$/.test(name) && !name.startsWith('.'))
    .toSorted()
    .map((name) => join(dir, name))
}

/** What tells a file from what it was before; null when there is none. */
function markOf(path: string): string | null {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return [ino, size, mtimeMs, ctimeMs].join(' ')
  } catch (error) {
    // What is there but may not be looked at shows when it is read.
    return codeOf(error) === 'ENOENT' ? null : codeOf(error)
  }
}

function optionOf(plan: PolicyPlan, option: string): Pick<ConfigProblem, 'place' | 'group' | 'option'> {
  return { place: plan.places.get(option) ?? null, group: 'oslo_policy', option }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
