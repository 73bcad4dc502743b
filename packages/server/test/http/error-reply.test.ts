import { describe, expect, it } from 'vitest'
import { errorBody } from '../../src/http/error-reply.ts'

describe('the body of an error', () => {
  it.each([
    [undefined, 'text/plain; charset=UTF-8'],
    ['', 'text/plain; charset=UTF-8'],
    ['no media type', 'text/html; charset=UTF-8'],
    ['*/*', 'text/html; charset=UTF-8'],
    ['text/html, application/json', 'text/html; charset=UTF-8'],
    ['application/json', 'application/json'],
    ['application/json, text/html;q=0.5', 'application/json'],
    ['text/html;q=0, */*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/plain', 'text/plain; charset=UTF-8'],
    ['application/octet-stream', 'text/plain; charset=UTF-8'],
  ])('for Accept %s is %s', (accept, type) => {
    expect(errorBody(404, 'gone', '', accept).contentType).toBe(type)
  })

  it('is the page that python-glanceclient takes apart', () => {
    const { body } = errorBody(404, 'No image found with ID x', '', '*/*')

    expect(body).toBe(
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image found with ID x<br /><br />\n\n\n\n </body>\n</html>',
    )
  })

  it('is the JSON of WebOb', () => {
    expect(JSON.parse(errorBody(409, 'In the way', 'why', 'application/json').body)).toEqual({
      message: 'In the way<br /><br />\nwhy\n\n',
      code: '409 Conflict',
      title: 'Conflict',
    })
  })

  it.each([
    [405, 'No <br /><br />\n'],
    [415, 'No\n<br /><br />\n'],
  ] as const)('of %i has the frame that WebOb gives it', (status, message) => {
    expect(JSON.parse(errorBody(status, 'No', '', 'application/json').body)).toMatchObject({ message })
  })

  it('escapes what came from a request', () => {
    const { body } = errorBody(400, '<script>"&\'</script>', '', '*/*')

    expect(body).toContain('&lt;script&gt;&quot;&amp;&#x27;&lt;/script&gt;')
    expect(body).not.toContain('<script>')
  })
})
