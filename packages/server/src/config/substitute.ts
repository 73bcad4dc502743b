import type { Settings } from './sources.ts'

/** How deep substitutions may lead to each other. */
const deepest = 16

/**
 * Replaces `$option`, `${option}`, `$group.option` and `${group.option}` by the values of those options, as oslo.config does.
 *
 * A name without a group is looked up in the value's own group, then in DEFAULT. `$$` and `\$` stand for a dollar sign. A name that nothing sets and that has no default stays as it is: passwords
 * contain dollar signs.
 *
 * @param defaultOf - the default of an option in a file's words, or null
 * @throws Error when options refer to each other in a circle
 */
export function substitute(
  value: string,
  group: string,
  settings: Settings,
  defaultOf: (group: string, option: string) => string | null,
  depth = 0,
): string {
  if (!value.includes('$')) return value
  if (depth > deepest) throw new Error('refers to itself through other options')
  return value.replaceAll(
    /\\\$|\$\$|\$\{([^}]+)\}|\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)/g,
    (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare
      if (name === undefined) return '$'
      return lookUp(name, group, settings, defaultOf, depth) ?? whole
    },
  )
}

function lookUp(
  name: string,
  group: string,
  settings: Settings,
  defaultOf: (group: string, option: string) => string | null,
  depth: number,
): string | null {
  const dot = name.indexOf('.')
  const places =
    dot > 0
      ? [[name.slice(0, dot), name.slice(dot + 1)] as const]
      : [[group, name] as const, ['DEFAULT', name] as const]
  for (const [inGroup, option] of places) {
    const found = settings.find(inGroup, option)?.values.at(-1) ?? defaultOf(inGroup, option)
    if (found !== null) return substitute(found, inGroup, settings, defaultOf, depth + 1)
  }
  return null
}
