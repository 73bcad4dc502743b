import { sql } from 'kysely'
import type { Values } from './backend.ts'

/** `YYYY-MM-DD HH:MM:SS`, with any number of fraction digits. SQLAlchemy writes six; hand-made rows and SQLite's own functions none. */
const stored = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?Z?$/

const operators = { eq: '=', neq: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

/**
 * How SQLite holds times and booleans in a database of Glance: UTC text `YYYY-MM-DD HH:MM:SS.ffffff`, which sorts as time does, and 0 or 1.
 *
 * A text without a fraction sorts before the same second with one. A comparison with a whole second therefore uses, of the two forms, the
 * one that puts both on the right side.
 */
export const sqliteValues: Values = {
  time: (at) => `${secondsText(at)}.${String(at.getUTCMilliseconds()).padStart(3, '0')}000`,

  readTime: (value) => {
    const parts = stored.exec(String(value))
    const at = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}${(parts[3] ?? '.0').slice(0, 4)}Z`)
    if (Number.isNaN(at)) throw new Error('the database holds a time that cannot be read')
    return new Date(at)
  },

  flag: (value) => (value ? 1 : 0),
  readFlag: (value) => Boolean(value),

  compareTime: (expression, operator, at) => {
    const exact = sqliteValues.time(at)
    const forms = at.getUTCMilliseconds() === 0 ? [secondsText(at), exact] : [exact]
    if (operator === 'eq') return sql`${expression} in (${sql.join(forms)})`
    if (operator === 'neq') return sql`${expression} not in (${sql.join(forms)})`
    const edge = operator === 'lt' || operator === 'gte' ? forms[0] : exact
    return sql`${expression} ${sql.raw(operators[operator])} ${edge}`
  },
}

function secondsText(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ')
}
