/**
 * Tables of who gets which answer: rows are requests, columns people, cells statuses. A test compares the whole text, so that a difference shows where it is.
 */
import { type Person, people } from './keystone-process.ts'

/** A person with a token, or nobody. */
export type Asker = Person | 'nobody'

/** The columns of every table. */
export const askers: readonly Asker[] = [...(Object.keys(people) as Person[]), 'nobody']

/** One request, as rows name them. */
export interface Ask {
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly body?: unknown
}

const json = 'application/json'

/** Sends a request and answers its status; the body is read, so that the connection is free. */
export type Send = (asker: Asker, ask: Ask) => Promise<number>

/** Sends requests to a server. @param tokens - of those who have one */
export function sender(url: string, tokens: ReadonlyMap<Asker, string>): Send {
  return async (asker, { method, path, body, type = json }) => {
    const token = tokens.get(asker)
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { 'x-auth-token': token }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    await answer.arrayBuffer()
    return answer.status
  }
}

/** Names of the rows of a table, in their order. */
export function rowsOf(table: string): readonly string[] {
  const [, ...rows] = linesOf(table)
  return rows.map(({ name }) => name)
}

/** A table without what is only its layout. */
export function plain(table: string): string {
  return linesOf(table)
    .map(({ name, cells }) => line(name, cells))
    .join('\n')
}

/**
 * What a server answers, as a table. Everybody asks the rows in their order; all people at the same time, so each needs subjects of its own.
 *
 * @param ask - the request of a row for one person
 */
export async function answersTo(
  send: Send,
  rows: readonly string[],
  ask: (row: string, asker: Asker) => Ask,
): Promise<string> {
  const columns = await Promise.all(
    askers.map(async (asker) => {
      const found: number[] = []
      for (const row of rows) found.push(await send(asker, ask(row, asker)))
      return found
    }),
  )
  const cells = rows.map((row, index) =>
    line(
      row,
      columns.map((column) => String(column[index])),
    ),
  )
  return [line('', askers), ...cells].join('\n')
}

function linesOf(table: string): readonly { name: string; cells: readonly string[] }[] {
  const lines = table.split('\n').filter((each) => each.trim() !== '')
  return lines.map((each) => {
    const words = each.trim().split(/\s+/)
    return { name: words.slice(0, -askers.length).join(' '), cells: words.slice(-askers.length) }
  })
}

function line(name: string, cells: readonly string[]): string {
  return `${name.padEnd(20)}${cells.map((cell) => cell.padEnd(7)).join('')}`.trimEnd()
}
