import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../src/index.ts'
import { bytes, empty, fakeService, json, page } from './support/fake-service.ts'
import { glance, glanceAt } from './support/glance.ts'
import { anImage, anImageOf, temporaryDirectory } from './support/make-image.ts'

const FORMATS = ['--disk-format', 'raw', '--container-format', 'bare']

function at(endpoint: string): string[] {
  return ['--os-image-url', endpoint, '--os-auth-token', 't']
}

describe('image-create with data', () => {
  it('uploads a file with its length and prints the image as it is then', async () => {
    await using folder = await temporaryDirectory()
    await writeFile(join(folder.path, 'image'), 'hello')
    await using service = await fakeService({
      'POST /v2/images': json(201, anImage()),
      'PUT /v2/images/a/file': empty,
      'GET /v2/images/a': anImageOf('hello'),
      'GET /v2/info/stores': { stores: [{ id: 'fast' }] },
    })

    const args = [
      'image-create',
      ...FORMATS,
      '--file',
      join(folder.path, 'image'),
      '--store',
      'fast',
      '--progress',
      '-f',
      'json',
    ]
    const outcome = await glanceAt(service.endpoint, ...args)

    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(outcome.stdout)).toMatchObject({ id: 'a', status: 'active', size: 5 })
    const upload = service.requests.find((request) => request.line.startsWith('PUT'))
    expect(upload).toMatchObject({ body: 'hello', headers: { 'content-length': '5', 'x-image-meta-store': 'fast' } })
  })

  it('uploads what is piped in', async () => {
    await using service = await fakeService({
      'POST /v2/images': json(201, anImage()),
      'PUT /v2/images/a/file': empty,
      'GET /v2/images/a': anImageOf('piped'),
    })

    const outcome = await glance([...at(service.endpoint), 'image-create', ...FORMATS], { input: 'piped' })

    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    const upload = service.requests.find((request) => request.line.startsWith('PUT'))
    expect(upload).toMatchObject({ body: 'piped', headers: { 'transfer-encoding': 'chunked' } })
  })

  it('prints the record even when the upload fails, and exits with 1', async () => {
    await using service = await fakeService({
      'POST /v2/images': json(201, anImage()),
      'PUT /v2/images/a/file': page(
        413,
        'Request Entity Too Large',
        'Denying attempt to upload image larger than 3 bytes.',
      ),
    })

    const outcome = await glance([...at(service.endpoint), 'image-create', ...FORMATS, '-f', 'json'], {
      input: 'piped',
    })

    expect(JSON.parse(outcome.stdout)).toMatchObject({ id: 'a', status: 'queued' })
    expect(outcome).toMatchObject({
      code: 1,
      stderr: 'HTTP 413 Request Entity Too Large: Denying attempt to upload image larger than 3 bytes.\n',
    })
  })

  it('refuses a store the service does not have', async () => {
    await using service = await fakeService({ 'GET /v2/info/stores': { stores: [{ id: 'fast' }] } })

    const outcome = await glance([...at(service.endpoint), 'image-create', ...FORMATS], {
      input: 'x',
      env: { OS_IMAGE_STORE: 'slow' },
    })

    expect(outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: "Store 'slow' is not valid for this cloud. Valid values can be retrieved with stores-info command.\n",
    })
  })
})

describe('image-upload', () => {
  it('sends the file and prints nothing', async () => {
    await using folder = await temporaryDirectory()
    await writeFile(join(folder.path, 'image'), 'hello')
    await using service = await fakeService({ 'PUT /v2/images/a/file': empty })

    const outcome = await glanceAt(
      service.endpoint,
      'image-upload',
      'a',
      '--file',
      join(folder.path, 'image'),
      '--size',
      '5',
    )

    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(service.requests[0]).toMatchObject({
      body: 'hello',
      headers: { 'content-type': 'application/octet-stream' },
    })
  })

  it('refuses a size that is not the size of the file', async () => {
    await using folder = await temporaryDirectory()
    const path = join(folder.path, 'image')
    await writeFile(path, 'hello')
    await using service = await fakeService({})

    const outcome = await glanceAt(service.endpoint, 'image-upload', 'a', '--file', path, '--size', '6')

    expect(outcome).toEqual({ code: 1, stdout: '', stderr: `${path} has 5 bytes, but 6 were announced\n` })
    expect(service.requests).toEqual([])
  })

  it('asks for data when there are none', async () => {
    expect(await glance(['image-upload', 'a'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: No image data: provide --file or pipe the data to standard input.\n',
    })
  })
})

describe('image-download', () => {
  it('saves a verified file under its name', async () => {
    await using folder = await temporaryDirectory()
    await using service = await fakeService({
      'GET /v2/images/a': anImageOf('hello'),
      'GET /v2/images/a/file': bytes('hello'),
    })

    const outcome = await glanceAt(service.endpoint, 'image-download', 'a', '--file', join(folder.path, 'out'))

    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await readdir(folder.path)).toEqual(['out'])
    expect(await readFile(join(folder.path, 'out'), 'utf8')).toBe('hello')
  })

  it('writes to standard output when that is piped', async () => {
    await using service = await fakeService({
      'GET /v2/images/a': anImageOf('hello'),
      'GET /v2/images/a/file?prefer=fast%2Cslow': bytes('hello'),
    })

    const outcome = await glanceAt(service.endpoint, 'image-download', 'a', '--prefer', 'fast, slow')

    expect(outcome).toEqual({ code: 0, stdout: 'hello', stderr: '' })
  })

  it.each(['--file', 'standard output'])('reports damaged data to %s with exit code 1', async (where) => {
    await using folder = await temporaryDirectory()
    await using service = await fakeService({
      'GET /v2/images/a': anImageOf('hello'),
      'GET /v2/images/a/file': bytes('jello'),
    })
    const args = where === '--file' ? ['--file', join(folder.path, 'out')] : []

    const outcome = await glanceAt(service.endpoint, 'image-download', 'a', ...args)

    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(
      /^data of image a are damaged: their sha512 is [0-9a-f]{128} instead of [0-9a-f]{128}\n$/,
    )
    expect(await readdir(folder.path)).toEqual([])
  })

  it('says when there are no data', async () => {
    await using service = await fakeService({ 'GET /v2/images/a': anImage(), 'GET /v2/images/a/file': empty })

    expect(await glanceAt(service.endpoint, 'image-download', 'a')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Image a has no data.\n',
    })
  })

  it('says why the service refuses', async () => {
    await using service = await fakeService({})

    expect(await glanceAt(service.endpoint, 'image-download', 'X')).toEqual({
      code: 1,
      stdout: '',
      stderr: "Unable to download image 'X'. (HTTP 404 Not Found: No image found with ID X)\n",
    })
  })

  it('removes the part file on Ctrl-C', async () => {
    await using folder = await temporaryDirectory()
    let interrupt = (): void => {}
    let during: string[] = []
    await using service = await fakeService({
      'GET /v2/images/a': anImage(),
      'GET /v2/images/a/file': (response) => {
        response.writeHead(200, { 'content-length': '10' }).write('hello')
        // The part file appears when the client has the head of the answer.
        void expect
          .poll(async () => {
            during = await readdir(folder.path)
            return during.length
          })
          .toBe(1)
          .then(() => interrupt())
      },
    })

    const outcome = await glance([...at(service.endpoint), 'image-download', 'a', '--file', join(folder.path, 'out')], {
      onStart: (child) => {
        interrupt = () => child.kill('SIGINT')
      },
    })

    expect(outcome).toEqual({ code: 130, stdout: '', stderr: '... terminating glance client\n' })
    expect(during).toEqual([expect.stringMatching(/^\.out\..+\.part$/)])
    expect(await readdir(folder.path)).toEqual([])
  })
})

describe('on a terminal', () => {
  function aTerminal(): { isTTY: boolean; text: string; write(text: string | Uint8Array, done?: () => void): boolean } {
    return {
      isTTY: true,
      text: '',
      write(text, done) {
        this.text += text
        done?.()
        return true
      },
    }
  }

  it('refuses to print image data', async () => {
    const [stdout, stderr] = [aTerminal(), aTerminal()]

    const code = await run(['image-download', 'a'], {
      input: null,
      stdout,
      stderr,
      env: {},
      signal: new AbortController().signal,
    })

    expect({ code, stdout: stdout.text }).toEqual({ code: 1, stdout: '' })
    expect(stderr.text).toMatch(/^No redirection or local file specified for downloaded image data\./)
  })

  it('shows progress on standard error for files', async () => {
    await using folder = await temporaryDirectory()
    await using service = await fakeService({
      'GET /v2/images/a': anImageOf('hello'),
      'GET /v2/images/a/file': bytes('hello'),
    })
    const [stdout, stderr] = [aTerminal(), aTerminal()]
    const args = [...at(service.endpoint), 'image-download', 'a', '--file', join(folder.path, 'out')]

    const code = await run(args, { input: null, stdout, stderr, env: {}, signal: new AbortController().signal })

    expect({ code, stdout: stdout.text }).toEqual({ code: 0, stdout: '' })
    expect(stderr.text).toMatch(/\r\[={30}\] 100% {2}5B of 5B {2}[^\n]*\n$/)
  })
})
