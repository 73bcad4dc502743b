/**
 * The bodies of errors, in the three shapes that WebOb gives them (see the Image API reference, "Error body").
 *
 * Clients parse these: python-glanceclient strips the tags of the page line by line, openstacksdk reads `message` of the JSON. Text that came from a request is escaped in
 * the page.
 */
import { acceptable } from './accept.ts'
import { reasons, type Status } from './error-table.ts'

/** A body and its type. */
export interface ErrorBody {
  readonly contentType: string
  readonly body: string
}

/** Renders an error for the `Accept` header of its request. */
export function errorBody(status: Status, message: string, detail: string, accept: string | undefined): ErrorBody {
  const line = `${status} ${reasons[status]}`
  const page = (shown: (text: string) => string): string => (pages[status] ?? usualPage)(shown(message), shown(detail))
  switch (acceptable(accept ?? '', ['text/html', 'application/json'])[0]) {
    case 'text/html':
      return {
        contentType: 'text/html; charset=UTF-8',
        body: `<html>\n <head>\n  <title>${line}</title>\n </head>\n <body>\n  <h1>${line}</h1>\n  ${page(escapeHtml)}\n </body>\n</html>`,
      }
    case 'application/json':
      return {
        contentType: 'application/json',
        body: JSON.stringify({ message: page((text) => text), code: line, title: reasons[status] }),
      }
    default:
      return { contentType: 'text/plain; charset=UTF-8', body: `${line}\n\n${withoutTags(page((text) => text))}` }
  }
}

const usualPage = (message: string, detail: string): string => `${message}<br /><br />\n${detail}\n\n`

/** The two statuses that WebOb words in a frame of their own. */
const pages: Partial<Record<Status, typeof usualPage>> = {
  405: (message, detail) => `${message} <br /><br />\n${detail}`,
  415: (message, detail) => `${message}\n<br /><br />\n${detail}`,
}

/** Text for HTML, with the five characters replaced that mean something there. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}

function withoutTags(html: string): string {
  return html
    .replaceAll('\n', ' ')
    .replace(/<br[^>]{0,8}>/g, '\n')
    .replace(/<[^>]{0,200}>/g, '')
}
