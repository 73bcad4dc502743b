import { describe, expect, it } from 'vitest'
import { empty, fakeService, json, page } from './support/fake-service.ts'
import { glance, glanceAt } from './support/glance.ts'
import { anImage } from './support/make-image.ts'

const QUEUED = [
  '+------------------+----------------------+',
  '| Property         | Value                |',
  '+------------------+----------------------+',
  '| checksum         | None                 |',
  '| container_format | bare                 |',
  '| created_at       | 2026-01-01T00:00:00Z |',
  '| disk_format      | raw                  |',
  '| id               | a                    |',
  '| min_disk         | 0                    |',
  '| min_ram          | 0                    |',
  '| name             | cirros               |',
  '| os_hash_algo     | None                 |',
  '| os_hash_value    | None                 |',
  '| os_hidden        | False                |',
  '| owner            | p1                   |',
  '| protected        | False                |',
  '| size             | None                 |',
  '| status           | queued               |',
  '| tags             | []                   |',
  '| updated_at       | 2026-01-01T00:00:00Z |',
  '| virtual_size     | Not available        |',
  '| visibility       | shared               |',
  '+------------------+----------------------+',
  '',
].join('\n')

const SCHEMA = { name: 'image', properties: { disk_format: { enum: [null, 'raw', 'qcow2'] } } }

describe('image-create', () => {
  it('creates a record without data and prints it', async () => {
    await using service = await fakeService({ 'POST /v2/images': json(201, anImage()) })
    const args = ['--name', 'cirros', '--hidden', '--protected', 'true', '--min-ram', '64', '--tags', 'x', 'y']

    const outcome = await glanceAt(
      service.endpoint,
      'image-create',
      ...args,
      '--property',
      'k=v=w',
      '--property',
      'os_distro=z',
    )

    expect(outcome).toEqual({ code: 0, stdout: QUEUED, stderr: '' })
    expect(JSON.parse(service.requests[0]?.body ?? '')).toEqual({
      name: 'cirros',
      os_hidden: true,
      protected: true,
      min_ram: 64,
      tags: ['x', 'y'],
      k: 'v=w',
      os_distro: 'z',
    })
  })

  it('refuses a format the schema does not list before anything is created', async () => {
    await using service = await fakeService({ 'GET /v2/schemas/image': SCHEMA })

    expect(await glanceAt(service.endpoint, 'image-create', '--disk-format', 'floppy')).toEqual({
      code: 1,
      stdout: '',
      stderr: "Unable to set 'disk_format' to 'floppy'. Reason: 'floppy' is not one of [None, 'raw', 'qcow2']\n",
    })
  })

  it('leaves formats to a service without schemas', async () => {
    await using service = await fakeService({ 'POST /v2/images': page(400, 'Bad Request', 'Invalid disk format') })

    expect(await glanceAt(service.endpoint, 'image-create', '--disk-format', 'floppy')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'HTTP 400 Bad Request: Invalid disk format\n',
    })
  })

  it.each([
    [[], 'error: Must provide --container-format, --disk-format when using --file.\n'],
    [['--disk-format', 'raw'], 'error: Must provide --container-format when using --file.\n'],
    [
      ['--disk-format', 'raw', '--container-format', 'bare'],
      'File no/such/file does not exist or user does not have read privileges to it\n',
    ],
  ])('needs formats and a readable file with --file and %j', async (args, stderr) => {
    await using service = await fakeService({})

    const outcome = await glanceAt(service.endpoint, 'image-create', '--file', 'no/such/file', ...args)

    expect(outcome).toEqual({ code: 1, stdout: '', stderr })
  })

  it('needs formats for piped data', async () => {
    expect(await glance(['image-create', '--name', 'x'], { input: 'data' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: Must provide --container-format, --disk-format when using stdin.\n',
    })
  })

  it('refuses a store without data', async () => {
    expect(await glance(['image-create', '--store', 'fast'])).toEqual({
      code: 1,
      stdout: '',
      stderr: '--store option should only be provided with --file option or stdin.\n',
    })
  })
})

describe('image-list', () => {
  const images = [anImage({ id: 'a', name: '日本' }), anImage({ id: 'b', name: null, stores: 'fast,slow', size: 5 })]

  it('lists ids and names, by name', async () => {
    await using service = await fakeService({ 'GET /v2/images?limit=20&sort_key=name&sort_dir=asc': { images } })

    expect(await glanceAt(service.endpoint, 'image-list')).toEqual({
      code: 0,
      stdout: '+----+------+\n| ID | Name |\n+----+------+\n| a  | 日本 |\n| b  |      |\n+----+------+\n',
      stderr: '',
    })
  })

  it('shows more with -v and --include-stores', async () => {
    await using service = await fakeService({
      'GET /v2/images?limit=20&sort_key=name&sort_dir=asc': { images: [images[1]] },
    })

    expect((await glanceAt(service.endpoint, '-v', 'image-list', '--include-stores')).stdout).toBe(
      [
        '+----+------+-------------+------------------+------+--------+-------+-----------+',
        '| ID | Name | Disk_format | Container_format | Size | Status | Owner | Stores    |',
        '+----+------+-------------+------------------+------+--------+-------+-----------+',
        '| b  |      | raw         | bare             | 5    | queued | p1    | fast,slow |',
        '+----+------+-------------+------------------+------+--------+-------+-----------+',
        '',
      ].join('\n'),
    )
  })

  it('prints JSON with -f after the command, while -f before it is --force', async () => {
    await using service = await fakeService({ 'GET /v2/images?limit=20&sort_key=name&sort_dir=asc': { images } })

    const outcome = await glanceAt(service.endpoint, '-f', 'image-list', '-f', 'json')

    expect(JSON.parse(outcome.stdout)).toEqual([
      { ID: 'a', Name: '日本' },
      { ID: 'b', Name: null },
    ])
  })

  it('sends every filter and the sort order', async () => {
    await using service = await fakeService({})
    const args = [
      ...['--limit', '30', '--page-size', '10', '--visibility', 'all', '--member-status', 'pending', '--owner', 'o'],
      ...['--property-filter', 'a=b', '--checksum', 'c', '--hash', 'h', '--tag', 't', '--tag', 'u', '--hidden'],
      ...['--sort', 'name:asc,size'],
    ]

    await glanceAt(service.endpoint, 'image-list', ...args)

    expect(service.requests[0]?.line).toBe(
      'GET /v2/images?limit=10&visibility=all&member_status=pending&owner=o&checksum=c&os_hash_value=h&os_hidden=true' +
        '&a=b&tag=t&tag=u&sort_key=name&sort_dir=asc&sort_key=size&sort_dir=desc',
    )
  })

  it.each([
    [['--property-filter', 'x'], 'Argument --property-filter expected properties in the format KEY=VALUE\n'],
    [['--sort', 'name', '--sort-key', 'size'], '--sort cannot be combined with --sort-key or --sort-dir\n'],
    [['--sort', 'name:up'], 'sort_dir must be one of the following: asc, desc.\n'],
    [
      ['--sort-key', 'name', '--sort-dir', 'asc', '--sort-dir', 'desc'],
      'Unexpected number of sorting directions: provide only a single sorting direction or an equal number of keys and directions.\n',
    ],
  ])('refuses %j', async (args, stderr) => {
    expect(await glance(['image-list', ...args])).toEqual({ code: 1, stdout: '', stderr })
  })
})

describe('image-show', () => {
  it('prints the record', async () => {
    await using service = await fakeService({ 'GET /v2/images/a': anImage() })

    expect(await glanceAt(service.endpoint, 'image-show', 'a')).toEqual({ code: 0, stdout: QUEUED, stderr: '' })
  })

  it('wraps at the width asked for', async () => {
    await using service = await fakeService({ 'GET /v2/images/a': anImage({ description: 'a long story' }) })

    const { stdout } = await glanceAt(service.endpoint, 'image-show', 'a', '--max-column-width', '20')

    expect(stdout).toContain('| created_at       | 2026-01-01T00:00:00Z |')
    const narrow = await glanceAt(service.endpoint, 'image-show', 'a', '--max-column-width', '10')
    expect(narrow.stdout).toContain('| descriptio | a long     |\n| n          | story      |')
  })
})

describe('image-update', () => {
  it('sends what differs and prints the result', async () => {
    await using service = await fakeService({
      'GET /v2/images/a': anImage({ name: 'old', gone: 'x' }),
      'PATCH /v2/images/a': anImage(),
    })

    const outcome = await glanceAt(
      service.endpoint,
      ...[
        'image-update',
        'a',
        '--name',
        'cirros',
        '--property',
        'k=v',
        '--remove-property',
        'gone',
        '--remove-property',
        'never',
      ],
    )

    expect(outcome).toEqual({ code: 0, stdout: QUEUED, stderr: '' })
    expect(JSON.parse(service.requests[1]?.body ?? '')).toEqual([
      { op: 'remove', path: '/gone' },
      { op: 'replace', path: '/name', value: 'cirros' },
      { op: 'add', path: '/k', value: 'v' },
    ])
  })
})

describe('image-delete', () => {
  it('goes on after a failure, says which failed and why, and exits with 1', async () => {
    await using service = await fakeService({
      'DELETE /v2/images/a': empty,
      'DELETE /v2/images/b': page(403, 'Forbidden', 'protected'),
      'DELETE /v2/images/d': page(409, 'Conflict', 'in use'),
      'DELETE /v2/images/e': page(500, 'Internal Server Error', 'oops'),
      'DELETE /v2/images/f': empty,
    })

    expect(await glanceAt(service.endpoint, 'image-delete', 'a', 'b', 'c', 'd', 'e', 'f')).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        "You are not permitted to delete the image 'b'.",
        "No image with an ID of 'c' exists.",
        "Unable to delete image 'd' because it is in use.",
        "'HTTP 500 Internal Server Error: oops': Unable to delete image 'e'",
        '',
      ].join('\n'),
    })
    expect(service.requests).toHaveLength(6)
  })
})

describe('silent commands', () => {
  it.each([
    [['image-delete', 'a'], 'DELETE /v2/images/a'],
    [['image-deactivate', 'a'], 'POST /v2/images/a/actions/deactivate'],
    [['image-reactivate', 'a'], 'POST /v2/images/a/actions/reactivate'],
    [['image-tag-delete', 'a', 'x'], 'DELETE /v2/images/a/tags/x'],
  ])('%j calls %s and prints nothing', async (args, line) => {
    await using service = await fakeService({ [line]: empty })

    expect(await glanceAt(service.endpoint, ...args)).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('image-tag-update', () => {
  it('adds the tag and prints all tags', async () => {
    await using service = await fakeService({
      'PUT /v2/images/a/tags/x%20y': empty,
      'GET /v2/images/a': anImage({ tags: ['x y', 'z'] }),
    })

    expect(await glanceAt(service.endpoint, 'image-tag-update', 'a', 'x y')).toEqual({
      code: 0,
      stdout:
        '+----+--------------+\n| ID | Tags         |\n+----+--------------+\n| a  | ["x y", "z"] |\n+----+--------------+\n',
      stderr: '',
    })
  })
})

describe('stores-info', () => {
  it.each([
    [[], 'GET /v2/info/stores'],
    [['--detail'], 'GET /v2/info/stores/detail'],
  ])('with %j prints the answer of %s', async (args, line) => {
    await using service = await fakeService({ [line]: { stores: [{ id: 'fast', default: 'true' }] } })

    expect(await glanceAt(service.endpoint, 'stores-info', ...args)).toEqual({
      code: 0,
      stdout: [
        '+----------+-------------------------------------+',
        '| Property | Value                               |',
        '+----------+-------------------------------------+',
        '| stores   | [{"id": "fast", "default": "true"}] |',
        '+----------+-------------------------------------+',
        '',
      ].join('\n'),
      stderr: '',
    })
  })

  it('explains a service with one store only', async () => {
    await using service = await fakeService({})

    expect(await glanceAt(service.endpoint, 'stores-info')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Multi Backend support is not enabled\n',
    })
  })
})
