import { describe, expect, it } from 'vitest'
import { parseConnection } from '../src/connection-url.ts'
import { DatabaseSetupError } from '../src/index.ts'

describe('parseConnection', () => {
  it.each([
    ['sqlite:////var/lib/glance/glance.sqlite', '/var/lib/glance/glance.sqlite'],
    ['sqlite:///glance.sqlite', 'glance.sqlite'],
    ['sqlite:///data/my glance%20.sqlite', 'data/my glance%20.sqlite'],
    ['sqlite+pysqlite:////glance.sqlite', '/glance.sqlite'],
    ['sqlite://', null],
    ['sqlite:///:memory:', null],
  ])('reads %s as SQLAlchemy does', (connection, path) => {
    expect(parseConnection(connection)).toEqual({ path, timeoutMs: 5000, ignored: [] })
  })

  it('takes the timeout in seconds and lists parameters that mean nothing here', () => {
    expect(parseConnection('sqlite:///a.sqlite?timeout=0.25&check_same_thread=false')).toEqual({
      path: 'a.sqlite',
      timeoutMs: 250,
      ignored: ['check_same_thread'],
    })
  })

  it.each([
    ['mysql+pymysql://glance:secret@db:3306/glance?charset=utf8'],
    ['postgresql+psycopg2://glance:secret@db/glance'],
    ['postgresql://glance:secret@db/glance'],
  ])('says of %s that this release has SQLite only, without the password', (connection) => {
    const parse = () => parseConnection(connection)

    expect(parse).toThrow(DatabaseSetupError)
    expect(parse).toThrow(/SQLite only/)
    expect(parse).not.toThrow(/secret/)
  })

  it.each([
    ['glance.sqlite'],
    [''],
    ['sqlite://host/path'],
    ['sqlite:///file:a?mode=ro'],
    ['sqlite:///a?timeout=soon'],
  ])('refuses %j', (connection) => {
    expect(() => parseConnection(connection)).toThrow(DatabaseSetupError)
  })
})
