import { HttpError } from '../http-error.ts'

/** Longest query and most parameters that are looked at. */
const limits = { characters: 16_384, parameters: 500 }

/**
 * The parameters of a request line in their order, repeated ones repeated.
 *
 * @throws HttpError 400 for what is no UTF-8 in percent encoding, or too much of it
 */
export function queryParameters(url: string): readonly (readonly [string, string])[] {
  const question = url.indexOf('?')
  if (question === -1) return []
  const query = url.slice(question + 1)
  if (query.length > limits.characters)
    throw new HttpError(400, `The query is longer than ${limits.characters} characters.`)
  const parts = query.split('&').filter((part) => part !== '')
  if (parts.length > limits.parameters)
    throw new HttpError(400, `The query has more than ${limits.parameters} parameters.`)
  return parts.map((part) => {
    const equals = part.indexOf('=')
    return equals === -1 ? [decoded(part), ''] : [decoded(part.slice(0, equals)), decoded(part.slice(equals + 1))]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new HttpError(400, 'The query is not UTF-8 in percent encoding.')
  }
}

/** Parameters as a query without its question mark; empty for none. */
export function formatQuery(parameters: readonly (readonly [string, string])[]): string {
  return new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString()
}
