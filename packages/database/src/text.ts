import { ServiceError } from '@glance/service'

/**
 * Refuses text that would not come back as it was.
 *
 * U+0000 ends a text in functions of SQLite and is refused by PostgreSQL; half a surrogate pair has no UTF-8 form and would be stored as
 * another character.
 *
 * @throws ServiceError INVALID
 */
export function assertStorable(text: string): void {
  if (text.includes('\u0000')) throw new ServiceError('INVALID', 'Text must not contain the character U+0000')
  if (!text.isWellFormed()) throw new ServiceError('INVALID', 'Text must not contain half a surrogate pair')
}
