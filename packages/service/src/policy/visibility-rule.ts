import type { Visibility } from '../domain/image.ts'

const rules: Partial<Record<Visibility, string>> = { public: 'publicize_image', community: 'communitize_image' }

/** The policy rule that guards giving an image this visibility; null for those that are every writer's choice. */
export function visibilityRule(visibility: Visibility): string | null {
  return rules[visibility] ?? null
}
