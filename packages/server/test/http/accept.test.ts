import { describe, expect, it } from 'vitest'
import { acceptable } from '../../src/http/accept.ts'

const html = 'text/html'
const json = 'application/json'

describe('content negotiation', () => {
  // What WebOb 1.8.6 answered when it was asked the same.
  it.each([
    ['', []],
    ['*/*', [html, json]],
    ['text/*', [html]],
    [json, [json]],
    ['application/json, */*;q=0.5', [json, html]],
    ['*/*;q=0.5, application/json;q=0.1', [html, json]],
    ['text/html;q=0', []],
    ['foo', [html, json]],
    ['application/json;', [html, json]],
    ['text/html;level=1', []],
    ['application/json;q=1.5', [html, json]],
    ['application/json;q=0.1234', [html, json]],
    ['a/b', []],
    [',', []],
    ['application/json,,text/html;q=0.2', [json, html]],
    ['APPLICATION/JSON', [json]],
    ['application/json; charset=utf-8', []],
    ['text/html;q=0.5,text/*;q=0.9', [html]],
    ['*/*;q=0', []],
    ['application/*;q=0.3, text/html;q=0.3', [html, json]],
    ['application/json;q=.5', [html, json]],
    ['text/html;q=0.5;q=0.7, application/json;q=0.6', [json, html]],
    ['text/html, text/html;q=0, application/json;q=0.5', [html, json]],
    ['text/html;q=0, text/html, application/json;q=0.5', [json]],
  ])('takes of %j the types %j', (accept, types) => {
    expect(acceptable(accept, [html, json])).toEqual(types)
  })

  it('does not look for commas in quoted values, and reads no endless header', () => {
    expect(acceptable('a/b;x="c, text/html", application/json', [html, json])).toEqual([json])
    expect(acceptable(`${json}, ${'a/b,'.repeat(2000)}`, [html, json])).toEqual([html, json])
  })
})
