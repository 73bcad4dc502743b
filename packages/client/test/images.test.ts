import { describe, expect, it } from 'vitest'
import { ImageClient } from '../src/index.ts'
import { fakeService, sendJson, sendPage } from './support/fake-service.ts'
import { anImage } from './support/make-image.ts'

function aClient(endpoint: string): ImageClient {
  return new ImageClient({ endpoint, token: 'secret', retry: null })
}

describe('images.list', () => {
  it('follows next links until there is none', async () => {
    await using service = await fakeService((request, response) => {
      if (request.url === '/v2/images')
        sendJson(response, 200, { images: [{ id: 'a' }, { id: 'b' }], next: '/v2/images?marker=b' })
      else sendJson(response, 200, { images: [{ id: 'c' }] })
    })

    const images = await Array.fromAsync(aClient(service.endpoint).images.list())

    expect(images.map((image) => image.id)).toEqual(['a', 'b', 'c'])
    expect(service.requests.map((request) => request.url)).toEqual(['/v2/images', '/v2/images?marker=b'])
  })

  it('sends filters, repeated tags, sort keys with directions, marker and page size', async () => {
    await using service = await fakeService((_request, response) => sendJson(response, 200, { images: [] }))

    const list = aClient(service.endpoint).images.list({
      filters: { visibility: 'public', 'os distro': 'a&b', protected: true },
      tags: ['x', 'y'],
      sort: [{ key: 'name' }, { key: 'size', direction: 'desc' }],
      marker: 'm',
      pageSize: 20,
    })
    await Array.fromAsync(list)

    expect(service.requests[0]?.url).toBe(
      '/v2/images?limit=20&visibility=public&os+distro=a%26b&protected=true&tag=x&tag=y' +
        '&sort_key=name&sort_dir=asc&sort_key=size&sort_dir=desc&marker=m',
    )
  })

  it('stops at the limit and asks for no more than that', async () => {
    await using service = await fakeService((_request, response) => {
      sendJson(response, 200, { images: [{ id: 'a' }, { id: 'b' }], next: '/v2/images?marker=b' })
    })

    const images = await Array.fromAsync(aClient(service.endpoint).images.list({ limit: 2, pageSize: 20 }))

    expect(images).toHaveLength(2)
    expect(service.requests.map((request) => request.url)).toEqual(['/v2/images?limit=2'])
  })

  it('asks for nothing when the limit is 0', async () => {
    await using service = await fakeService((_request, response) => sendJson(response, 200, { images: [{ id: 'a' }] }))

    expect(await Array.fromAsync(aClient(service.endpoint).images.list({ limit: 0 }))).toEqual([])
    expect(service.requests).toEqual([])
  })

  it('refuses a next link to another host', async () => {
    await using service = await fakeService((_request, response) => {
      sendJson(response, 200, { images: [], next: 'http://elsewhere/v2/images' })
    })

    await expect(Array.fromAsync(aClient(service.endpoint).images.list())).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
    })
  })

  it('refuses a next link that leads in a circle', async () => {
    await using service = await fakeService((_request, response) => {
      sendJson(response, 200, { images: [{ id: 'a' }], next: '/v2/images' })
    })

    await expect(Array.fromAsync(aClient(service.endpoint).images.list())).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
    })
    expect(service.requests).toHaveLength(1)
  })
})

describe('images', () => {
  it('creates a record from the given members and no others', async () => {
    await using service = await fakeService((_request, response) => sendJson(response, 201, anImage({ name: 'new' })))

    const image = await aClient(service.endpoint).images.create({ name: 'new', tags: ['a'], os_distro: 'debian' })

    expect(image.name).toBe('new')
    expect(service.requests[0]).toMatchObject({ method: 'POST', url: '/v2/images' })
    expect(service.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-auth-token': 'secret' })
    expect(JSON.parse(String(service.requests[0]?.body))).toEqual({ name: 'new', tags: ['a'], os_distro: 'debian' })
  })

  it('updates by reading, sending the difference and returning the answer', async () => {
    await using service = await fakeService((request, response) => {
      sendJson(response, 200, anImage({ name: request.method === 'PATCH' ? 'new' : 'old' }))
    })

    const image = await aClient(service.endpoint).images.update('b', { set: { name: 'new' } })

    expect(image.name).toBe('new')
    expect(service.requests[1]).toMatchObject({ method: 'PATCH', url: '/v2/images/b' })
    expect(service.requests[1]?.headers['content-type']).toBe('application/openstack-images-v2.1-json-patch')
    expect(JSON.parse(String(service.requests[1]?.body))).toEqual([{ op: 'replace', path: '/name', value: 'new' }])
  })

  it('sends no patch when nothing differs', async () => {
    await using service = await fakeService((_request, response) => sendJson(response, 200, anImage()))

    await aClient(service.endpoint).images.update('b', { set: { name: 'cirros' } })

    expect(service.requests.map((request) => request.method)).toEqual(['GET'])
  })

  it('calls the route of each action', async () => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())
    const client = aClient(service.endpoint)

    await client.images.delete('a/b')
    await client.images.deactivate('a')
    await client.images.reactivate('a')
    await client.tags.add('a', 'x y/z')
    await client.tags.remove('a', 'ü')

    expect(service.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'DELETE /v2/images/a%2Fb',
      'POST /v2/images/a/actions/deactivate',
      'POST /v2/images/a/actions/reactivate',
      'PUT /v2/images/a/tags/x%20y%2Fz',
      'DELETE /v2/images/a/tags/%C3%BC',
    ])
  })

  it.each(['', '.', '..'])('refuses the id "%s", whose URL would mean something else', async (id) => {
    const client = aClient('http://127.0.0.1:1')

    await expect(client.images.get(id)).rejects.toThrow(TypeError)
    expect(() => client.tags.add('a', id)).toThrow(TypeError)
  })

  it('rejects with status, code, message and request id of the answer', async () => {
    await using service = await fakeService((_request, response) =>
      sendPage(response, 404, 'Not Found', 'No image found with ID X'),
    )

    await expect(aClient(service.endpoint).images.get('X')).rejects.toMatchObject({
      name: 'ImageServiceError',
      status: 404,
      code: 'NOT_FOUND',
      message: 'No image found with ID X',
      detail: '404 Not Found: No image found with ID X',
      requestId: 'req-42',
    })
  })

  it('says so when the endpoint is some other web server', async () => {
    await using service = await fakeService((_request, response) => response.end('<h1>It works!</h1>'))

    await expect(aClient(service.endpoint).images.get('X')).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      message: expect.stringContaining(service.endpoint),
    })
  })
})

describe('stores, schemas and versions', () => {
  it('reads what the service tells about itself', async () => {
    await using service = await fakeService((request, response) => {
      if (request.url.startsWith('/v2/info')) sendJson(response, 200, { stores: [{ id: request.url }] })
      else if (request.url === '/versions') sendJson(response, 300, { versions: [{ id: 'v2.18' }] })
      else sendJson(response, 200, { name: request.url, properties: {} })
    })
    const client = aClient(service.endpoint)

    expect(await client.stores.list()).toEqual([{ id: '/v2/info/stores' }])
    expect(await client.stores.detail()).toEqual([{ id: '/v2/info/stores/detail' }])
    expect(await client.schemas.get('metadefs/namespace')).toMatchObject({ name: '/v2/schemas/metadefs/namespace' })
    expect(await client.versions.list()).toEqual([{ id: 'v2.18' }])
  })
})
