import { describe, expect, it } from 'vitest'
import { empty, fakeService, page } from './support/fake-service.ts'
import { glanceAt } from './support/glance.ts'
import { anImage } from './support/make-image.ts'

const locations = ['http://x/1', 'http://x/2'].map((url) => ({ url, metadata: {} }))
const image = anImage({ locations })
const { self: _self, ...printed } = image
const routes = { 'GET /v2/images/a': image, 'PATCH /v2/images/a': image }
const accepted = (response: { writeHead(status: number): { end(): void } }) => response.writeHead(202).end()

describe('the commands for locations', () => {
  it.each([
    [
      ['location-add', '--url', 'http://x/3', 'a'],
      [{ op: 'add', path: '/locations/-', value: { url: 'http://x/3', metadata: {} } }],
    ],
    [
      [
        'location-add',
        '--url',
        'u',
        '--metadata',
        '{"k": ["v"]}',
        '--hash-algo',
        'sha512',
        '--hash-value',
        'ab',
        '--checksum',
        'cd',
        'a',
      ],
      [
        {
          op: 'add',
          path: '/locations/-',
          value: {
            url: 'u',
            metadata: { k: ['v'] },
            validation_data: { checksum: 'cd', os_hash_algo: 'sha512', os_hash_value: 'ab' },
          },
        },
      ],
    ],
    [
      ['location-update', '--url', 'http://x/2', '--metadata', '{"k":"v"}', 'a'],
      [{ op: 'replace', path: '/locations', value: [locations[0], { url: 'http://x/2', metadata: { k: 'v' } }] }],
    ],
  ])('%j patches the image and prints it', async (args, patch) => {
    await using service = await fakeService(routes)

    const outcome = await glanceAt(service.endpoint, ...args, '-f', 'json')

    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(outcome.stdout)).toEqual(printed)
    expect(JSON.parse(service.requests.at(-1)?.body ?? '')).toEqual(patch)
  })

  it('location-delete removes them in one patch and prints nothing', async () => {
    await using service = await fakeService(routes)

    const outcome = await glanceAt(
      service.endpoint,
      'location-delete',
      '--url',
      'http://x/1',
      '--url',
      'http://x/2',
      'a',
    )

    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(JSON.parse(service.requests.at(-1)?.body ?? '')).toEqual([
      { op: 'remove', path: '/locations/1' },
      { op: 'remove', path: '/locations/0' },
    ])
  })

  it('add-location sends the newer call and prints the image', async () => {
    await using service = await fakeService({ ...routes, 'POST /v2/images/a/locations': accepted })
    const data = '{"os_hash_algo": "sha256", "os_hash_value": "ab"}'

    const outcome = await glanceAt(
      service.endpoint,
      'add-location',
      '--url',
      'u',
      '--validation-data',
      data,
      'a',
      '-f',
      'json',
    )

    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(outcome.stdout)).toEqual(printed)
    expect(service.requests.map(({ line, body }) => `${line} ${body}`)).toEqual([
      'POST /v2/images/a/locations {"url":"u","validation_data":{"os_hash_algo":"sha256","os_hash_value":"ab"}}',
      'GET /v2/images/a ',
    ])
  })

  it('stores-delete deletes from one store and prints nothing', async () => {
    await using service = await fakeService({ 'DELETE /v2/stores/fast/a': empty })

    expect(await glanceAt(service.endpoint, 'stores-delete', '--store', 'fast', 'a')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
  })

  it('say why nothing was done', async () => {
    await using service = await fakeService({
      'GET /v2/images/a': anImage(),
      'DELETE /v2/stores/fast/a': page(409, 'Conflict', 'in use'),
      'GET /v2/images/b': image,
    })
    const outcomes = [
      await glanceAt(service.endpoint, 'location-delete', '--url', 'http://x/1', 'a'),
      await glanceAt(service.endpoint, 'location-delete', '--url', 'http://x/9', 'b'),
      await glanceAt(service.endpoint, 'stores-delete', '--store', 'fast', 'a'),
    ]

    expect(outcomes).toEqual([
      { code: 1, stdout: '', stderr: 'The administrator has disabled API access to image locations\n' },
      { code: 1, stdout: '', stderr: 'Unknown URL(s): http://x/9; the image has no such location\n' },
      { code: 1, stdout: '', stderr: 'HTTP 409 Conflict: in use\n' },
    ])
  })

  it.each([
    [['location-add', 'a'], '--url'],
    [['location-add', '--url', 'u', '--metadata', '{', 'a'], 'expected JSON'],
    [['location-add', '--url', 'u', '--metadata', '[]', 'a'], 'expected a JSON object'],
    [['location-add', '--url', 'u', '--checksum', 'x', 'a'], 'go together'],
    [['location-delete', 'a'], '--url'],
    [['add-location', '--url', 'u', '--validation-data', '{"checksum":"x"}', 'a'], 'not checksum'],
    [['add-location', '--url', 'u', '--validation-data', '{"os_hash_algo":"md5"}', 'a'], 'both'],
    [['stores-delete', 'a'], '--store'],
  ])('%j is wrong usage: exit code 2, and nothing is sent', async (args, hint) => {
    await using service = await fakeService({})

    expect(await glanceAt(service.endpoint, ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(hint),
    })
    expect(service.requests).toEqual([])
  })
})
