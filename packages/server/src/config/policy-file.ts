import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { IniProblem, Place } from './ini.ts'

/** A rule as it stands in a file. */
export interface FileRule {
  readonly rule: string
  readonly check: string
  readonly place: Place
}

/**
 * The rules of a policy file: one map of names to texts, in YAML, of which JSON is a part. A file without any content has no rules.
 *
 * Only texts are taken. In YAML `!` without quotes is a tag and gives an empty text, which as a rule would let everybody, so values with tags and values without text are problems.
 */
export function parsePolicyFile(
  text: string,
  file: string,
): { readonly rules: readonly FileRule[]; readonly problems: readonly IniProblem[] } {
  const lines = new LineCounter()
  const at = (offset: number): Place => ({ file, line: lines.linePos(offset).line })
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = [...document.errors].map((error) => ({
    place: at(error.pos[0]),
    message: `is not YAML: ${error.message}`,
  }))
  const rules: FileRule[] = []
  const { contents } = document
  if (problems.length > 0 || contents === null || (isScalar(contents) && contents.value === null))
    return { rules, problems }
  if (!isMap(contents)) return { rules, problems: [{ place: { file, line: 1 }, message: 'must map rules to texts' }] }
  for (const { key, value } of contents.items) {
    const place = at((isNode(key) ? key.range?.[0] : undefined) ?? 0)
    const node = isAlias(value) ? value.resolve(document) : value
    if (!isScalar(key) || typeof key.value !== 'string')
      problems.push({ place, message: 'the name of a rule must be a text' })
    else if (isScalar(node) && typeof node.value === 'string' && node.tag === undefined)
      rules.push({ rule: key.value, check: node.value, place })
    else problems.push({ place, message: `rule ${key.value} must be a text; @, ! and the empty text need quotes` })
  }
  return { rules, problems }
}
