import { describe, expect, it } from 'vitest'
import { readFault } from '../src/error-body.ts'
import { ImageServiceError } from '../src/errors.ts'

function anAnswer(type: string, body: string | ReadableStream<Uint8Array> | null): Response {
  return new Response(body, { status: 404, headers: type === '' ? {} : { 'content-type': type } })
}

describe('readFault', () => {
  it.each([
    [
      'a page of the service',
      'text/html; charset=UTF-8',
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image found with ID X<br /><br />\n\n\n </body>\n</html>',
      { title: 'Not Found', message: 'No image found with ID X' },
    ],
    [
      'a page with a detail',
      'text/html',
      '<title>415 Unsupported Media Type</title>\n<h1>415 Unsupported Media Type</h1>\nNot this type.<br /><br />\nUse &quot;raw&quot; &amp; &#x62;are',
      { title: 'Unsupported Media Type', message: 'Not this type.: Use "raw" & bare' },
    ],
    [
      'JSON of the service',
      'application/json',
      '{"message": "No image found with ID X<br /><br />\\n\\n\\n", "code": "404 Not Found", "title": "Not Found"}',
      { title: 'Not Found', message: 'No image found with ID X' },
    ],
    [
      'JSON of the authentication filter',
      'application/json',
      '{"error": {"code": 401, "title": "Unauthorized", "message": "Log in."}}',
      { title: 'Unauthorized', message: 'Log in.' },
    ],
    ['plain text', 'text/plain', '404 Not Found\n\nNo image\n\n   ', { title: 'Not Found', message: 'No image' }],
    ['text that only claims to be JSON', 'application/json', 'upstream gone', { title: '', message: 'upstream gone' }],
    ['JSON null', 'application/json', 'null', { title: '', message: '' }],
    ['nothing', '', null, { title: '', message: '' }],
  ])('reads %s', async (_name, type, body, expected) => {
    expect(await readFault(anAnswer(type, body))).toEqual(expected)
  })

  it('keeps what came of a body that breaks off', async () => {
    const chunks = ['too ', 'big']
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const chunk = chunks.shift()
          if (chunk === undefined) controller.error(new Error('reset'))
          else controller.enqueue(new TextEncoder().encode(chunk))
        },
      },
      { highWaterMark: 0 },
    )

    expect(await readFault(anAnswer('text/plain', body))).toEqual({ title: '', message: 'too big' })
  })

  it('reads a bounded part of an endless body', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(97)),
    })

    const fault = await readFault(anAnswer('text/plain', body))

    expect(fault.message).toHaveLength(2_000)
  })
})

describe('ImageServiceError', () => {
  it.each([
    [404, 'Not Found', 'No image', 'NOT_FOUND', 'No image', '404 Not Found: No image'],
    [409, '', '', 'CONFLICT', 'Conflict', '409 Conflict'],
    [418, '', '', 'HTTP_418', 'HTTP status 418', '418: HTTP status 418'],
  ])('describes %i with title "%s" and message "%s"', (status, title, text, code, message, detail) => {
    const error = new ImageServiceError({ status, title, message: text, requestId: null })

    expect(error).toMatchObject({ code, message, detail })
  })
})
