import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { openApi } from '../support/api.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('GET /healthcheck', () => {
  it('looks at the files that it was told of, one check after the other', async () => {
    using folder = temporaryFolder()
    const disabled = `${folder.path}/disabled`
    const marker = folder.write('marker', '')
    await using api = await openApi({
      groups: {
        healthcheck: {
          disable_by_file_path: disabled,
          disable_by_file_paths: `80:${folder.path}/other-port`,
          enable_by_file_paths: marker,
        },
      },
    })
    const health = async (): Promise<unknown[]> => {
      const { statusCode, body } = await api.call(null, 'GET', '/healthcheck', { headers: { accept: '*/*' } })
      return [statusCode, body]
    }

    expect(await health()).toEqual([200, 'OK\nOK\nOK'])
    folder.write('disabled', '')
    expect(await health()).toEqual([503, 'DISABLED BY FILE\nOK\nOK'])
    expect((await api.call(null, 'HEAD', '/healthcheck')).statusCode).toBe(503)
  })

  it('tells while a share is not mounted', async () => {
    await using api = await openApi({ groups: { healthcheck: { enable_by_file_paths: '/nonexistent/marker' } } })

    const answer = await api.call(null, 'GET', '/healthcheck')

    expect([answer.statusCode, answer.json().reasons]).toEqual([503, ['OK', 'FILE PATH MISSING']])
  })

  it('runs the checks that are named, on a path of its own', async () => {
    await using api = await openApi({
      groups: { healthcheck: { backends: 'enable_by_files', path: '/status', enable_by_file_paths: '/' } },
    })

    expect((await api.call(null, 'GET', '/status')).json()).toEqual({ detailed: false, reasons: ['OK'] })
    expect((await api.call(null, 'GET', '/healthcheck')).statusCode).toBe(300)
    expect((await api.call(null, 'POST', '/status')).statusCode).toBe(405)
  })

  it.each([
    ['application/json', 'application/json'],
    ['text/html', 'text/html; charset=UTF-8'],
    ['text/html;q=0.1, application/json', 'application/json'],
    ['text/plain', 'text/plain; charset=UTF-8'],
    ['image/png', 'text/plain; charset=UTF-8'],
    ['no media type', 'text/plain; charset=UTF-8'],
  ])('answers for Accept %s in %s', async (accept, type) => {
    await using api = await openApi()

    const answer = await api.call(null, 'GET', '/healthcheck', { headers: { accept } })

    expect([answer.headers['content-type'], answer.body.includes('OK')]).toEqual([type, true])
  })

  it('says more when it is told to, and then escapes what it says', async () => {
    const path = '/nonexistent/<script>'
    await using api = await openApi({ groups: { healthcheck: { detailed: 'true', disable_by_file_path: path } } })
    const get = (accept: string) => api.call(null, 'GET', '/healthcheck', { headers: { accept } })

    const json = (await get('application/json')).json()
    const html = (await get('text/html')).body

    expect(json).toMatchObject({
      detailed: true,
      reasons: [{ reason: 'OK', details: `Path '${path}' was not found` }],
      runtime: expect.stringContaining('Node.js'),
    })
    expect(html).toContain('&lt;script&gt;')
    expect(html).not.toContain('<script>')
  })

  it('is not there for callers from elsewhere or through a proxy', async () => {
    await using near = await openApi({
      groups: { healthcheck: { allowed_source_ranges: '10.0.0.0/8, 127.0.0.1, ::/64' } },
    })
    await using far = await openApi({ groups: { healthcheck: { allowed_source_ranges: '10.0.0.0/8' } } })
    await using direct = await openApi({ groups: { healthcheck: { ignore_proxied_requests: 'true' } } })
    const status = async (api: typeof near, more = {}): Promise<number> =>
      (await api.call(null, 'GET', '/healthcheck', more)).statusCode

    expect([
      await status(near),
      await status(near, { remoteAddress: '::ffff:10.2.3.4' }),
      await status(near, { remoteAddress: '::5' }),
      await status(far),
      await status(direct),
      await status(direct, { headers: { 'x-forwarded-for': '10.0.0.1' } }),
      await status(direct, { headers: { forwarded: 'for=10.0.0.1' } }),
    ]).toEqual([200, 200, 200, 404, 200, 404, 404])
  })

  it.each([
    [
      { backends: 'disable_by_file, magic' },
      'backends names magic; it may name disable_by_file, disable_by_files_ports, enable_by_files',
    ],
    [{ path: 'status' }, 'path must be a path such as /healthcheck'],
    [{ disable_by_file_paths: '/x' }, 'disable_by_file_paths holds /x, which is not port:path'],
    [
      { allowed_source_ranges: '10.0.0.0/33' },
      'allowed_source_ranges holds 10.0.0.0/33, which is no network such as 10.0.0.0/8',
    ],
    [{ allowed_source_ranges: 'home' }, 'allowed_source_ranges holds home, which is no network such as 10.0.0.0/8'],
  ])('does not start with %j', (healthcheck, problem) => {
    const { problems } = loadConfig({ configFiles: [], configDirs: [], environment: {}, overrides: { healthcheck } })

    expect(problems.map(formatProblem)).toEqual([`command line: [healthcheck] ${problem}`])
  })
})
