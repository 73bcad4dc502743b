import { readFileSync } from 'node:fs'
import { StoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { withoutDirectories } from '../../src/observe/error-fields.ts'
import { createLogger } from '../../src/observe/log.ts'

/** What a logger writes for one line. */
function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = ''
  const sink = {
    write: (line: string): void => {
      text += line
    },
  }
  write(createLogger({ debug: true, file: null }, sink))
  return text
}

function systemError(): unknown {
  try {
    return readFileSync('/nonexistent/folder/of-the-host/file.txt')
  } catch (error) {
    return error
  }
}

describe('the log', () => {
  it('is one JSON object a line with level, time and event', () => {
    expect(JSON.parse(logged((logger) => logger.info({ port: 1 }, 'ready')))).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      port: 1,
      event: 'ready',
    })
  })

  it('tells errors with their causes and without the directories of the host', () => {
    const error = new StoreError('UNAVAILABLE', 'cannot read the image (ENOENT)', { cause: systemError() })

    const line = logged((logger) => logger.warn({ err: error }, 'failed'))

    expect(JSON.parse(line).err).toMatchObject({ type: 'StoreError', code: 'UNAVAILABLE', cause: { code: 'ENOENT' } })
    expect(line).toContain('…/file.txt')
    expect(line).not.toContain('of-the-host')
    expect(line).not.toContain(import.meta.dirname)
  })

  it('cuts tokens, passwords and headers', () => {
    const line = logged((logger) =>
      logger.info({ token: 'secret-1', a: { password: 'secret-2' }, headers: { 'x-auth-token': 'secret-3' } }, 'x'),
    )

    expect(line).not.toContain('secret-')
  })
})

describe('withoutDirectories', () => {
  it.each([
    ["ENOENT: no such file, open '/srv/glance/images/x'", "ENOENT: no such file, open '…/x'"],
    ['at f (file:///srv/app/node_modules/a/b.js:1:2)', 'at f (…/b.js:1:2)'],
    ['no path / at all', 'no path / at all'],
  ])('makes %j into %j', (text, expected) => {
    expect(withoutDirectories(text)).toBe(expected)
  })
})
