import { execFile } from 'node:child_process'
import { cp, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fakeService, page } from './support/fake-service.ts'
import { glance, glanceAt, type Outcome } from './support/glance.ts'
import { temporaryDirectory } from './support/make-image.ts'

const BIN = fileURLToPath(new URL('../bin/glance.mjs', import.meta.url))

function runNode(args: readonly string[]): Promise<Outcome> {
  const env = { PATH: process.env['PATH'] ?? '' }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}

describe('glance', () => {
  it('prints its version', async () => {
    const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))

    expect(await glance(['--version'])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  it('runs from a checkout that was not built', async () => {
    await using folder = await temporaryDirectory()
    await cp(BIN, join(folder.path, 'bin/glance.mjs'))
    await symlink(fileURLToPath(new URL('../src', import.meta.url)), join(folder.path, 'src'))

    const outcome = await runNode([join(folder.path, 'bin/glance.mjs'), 'help', 'image-show'])

    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toContain('Usage: glance image-show [options] <IMAGE_ID>')
  })

  it('says what to do about an old Node', async () => {
    const pretend = "Object.defineProperty(process, 'versions', { value: { node: '20.19.1' } })"

    const outcome = await runNode(['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, BIN, '--version'])

    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr).toMatch(/^glance needs Node 22\.19 or newer and this is Node 20\.19\.1\. Install /)
  })

  it('prints its help when called without a command', async () => {
    const outcome = await glance([])

    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toMatch(/^Usage: glance /)
  })

  it.each([
    ['help', 'image-show'],
    ['image-show', '--help'],
  ])('prints the help of a command for "%s %s"', async (...args) => {
    const outcome = await glance(args)

    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toMatch(/^Usage: glance image-show \[options\] <IMAGE_ID>/)
  })

  it('fails to help with a command that does not exist', async () => {
    expect(await glance(['help', 'nope'])).toEqual({
      code: 1,
      stdout: '',
      stderr: "'nope' is not a valid subcommand\n",
    })
  })

  it.each([
    [
      ['image-show'],
      "usage: glance image-show [options] <IMAGE_ID>\nerror: missing required argument 'IMAGE_ID'\nTry 'glance help image-show' for more information.\n",
    ],
    [
      ['image-lst'],
      "usage: glance [options] [command]\nerror: unknown command 'image-lst'\n(Did you mean image-list?)\nTry 'glance help' for more information.\n",
    ],
    [
      ['image-list', '--nope'],
      "usage: glance image-list [options]\nerror: unknown option '--nope'\nTry 'glance help image-list' for more information.\n",
    ],
    [
      ['image-create', '--protected', 'maybe'],
      "usage: glance image-create [options]\nerror: option '--protected <True|False>' argument 'maybe' is invalid. expected True or False.\nTry 'glance help image-create' for more information.\n",
    ],
    [
      ['image-list', '-f', 'xml'],
      "usage: glance image-list [options]\nerror: option '-f, --format <format>' argument 'xml' is invalid. Allowed choices are table, json, value.\nTry 'glance help image-list' for more information.\n",
    ],
  ])('exits with 2 for the wrong usage %j', async (args, stderr) => {
    expect(await glance(args)).toEqual({ code: 2, stdout: '', stderr })
  })

  it.each([
    [[], {}, 'You must provide the URL of the image service via either --os-image-url or env[OS_IMAGE_URL]\n'],
    [['--os-image-url', 'http://x'], {}, 'You must provide a token via either --os-auth-token or env[OS_AUTH_TOKEN]\n'],
    [
      ['--os-image-url', 'x'],
      { OS_AUTH_TOKEN: 't' },
      'Invalid --os-image-url: the endpoint of the image service is not an absolute URL\n',
    ],
    [
      [],
      { OS_IMAGE_URL: 'http://x/v1', OS_AUTH_TOKEN: 't' },
      'Version 1 of the Image API is not supported. Use --os-image-api-version 2 or env[OS_IMAGE_API_VERSION].\n',
    ],
    [
      ['--os-image-api-version', '7'],
      {},
      'Invalid API version parameter. Use --os-image-api-version 2 or env[OS_IMAGE_API_VERSION].\n',
    ],
  ])('says what is missing or wrong with options %j and environment %j', async (args, env, stderr) => {
    expect(await glance([...args, 'image-list'], { env })).toEqual({ code: 1, stdout: '', stderr })
  })

  it('takes URL and token from the environment, and options in the old spelling before it', async () => {
    await using service = await fakeService({ 'GET /v2/images?limit=20&sort_key=name&sort_dir=asc': { images: [] } })

    const outcome = await glance([`--os_image_url=${service.endpoint}/v2/`, 'image-list', '-f', 'value'], {
      env: { OS_IMAGE_URL: 'http://127.0.0.1:1', OS_AUTH_TOKEN: 'from-env' },
    })

    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(service.requests[0]?.headers['x-auth-token']).toBe('from-env')
  })

  it('prints what the service says, and its exit code is 1', async () => {
    await using service = await fakeService({})

    expect(await glanceAt(service.endpoint, 'image-show', 'X')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'HTTP 404 Not Found: No image found with ID X\n',
    })
  })

  it('says that credentials are invalid for a 401', async () => {
    await using service = await fakeService({ 'GET /v2/images/X': page(401, 'Unauthorized', 'who?') })

    const outcome = await glanceAt(service.endpoint, 'image-show', 'X')

    expect(outcome).toEqual({ code: 1, stdout: '', stderr: 'Invalid OpenStack Identity credentials.\n' })
  })

  it('names the endpoint when nobody listens there', async () => {
    const service = await fakeService({})
    await service[Symbol.asyncDispose]()

    const outcome = await glanceAt(service.endpoint, 'image-deactivate', 'X')

    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr).toMatch(new RegExp(`^cannot reach ${service.endpoint}: connect ECONNREFUSED [^\\n]*\\n$`))
  })

  it('gives up on a silent service after --timeout', async () => {
    await using service = await fakeService({ 'GET /v2/images/X': () => {} })

    expect(await glanceAt(service.endpoint, '--timeout', '0.05', 'image-show', 'X')).toEqual({
      code: 1,
      stdout: '',
      stderr: `no answer from ${service.endpoint}: silent for 0.05 s\n`,
    })
  })

  it('logs traffic with --debug and hashes the token (OSSN-0052)', async () => {
    await using service = await fakeService({ 'GET /v2/images/X': page(404, 'Not Found', 'gone') })

    const outcome = await glanceAt(service.endpoint, '--debug', 'image-show', 'X')

    expect(outcome.stderr).toContain("-H 'x-auth-token: {SHA1}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4' ")
    expect(outcome.stderr).toContain('DEBUG: HTTP 404 Not Found\n')
    expect(outcome.stderr).not.toContain('secret')
    expect(outcome.stderr).toMatch(/HTTP 404 Not Found: gone\n$/)
  })

  it('ends with 130 on Ctrl-C', async () => {
    let interrupt = (): void => {}
    await using service = await fakeService({ 'GET /v2/images/X': () => interrupt() })

    const outcome = await glance(['--os-image-url', service.endpoint, '--os-auth-token', 't', 'image-show', 'X'], {
      onStart: (child) => {
        interrupt = () => child.kill('SIGINT')
      },
    })

    expect(outcome).toEqual({ code: 130, stdout: '', stderr: '... terminating glance client\n' })
  })
})
