import { describe, expect, it } from 'vitest'
import { ImageClient, type ImageMember } from '../src/index.ts'
import { fakeService, sendJson, sendPage } from './support/fake-service.ts'

const aMember: ImageMember = {
  member_id: 'p/1',
  image_id: 'a',
  status: 'pending',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  schema: '/v2/schemas/member',
}

function aClient(endpoint: string): ImageClient {
  return new ImageClient({ endpoint, token: 'secret', retry: null })
}

describe('members', () => {
  it('are listed, shown, added, changed and removed below their image', async () => {
    await using service = await fakeService((request, response) => {
      if (request.method === 'DELETE') response.writeHead(204).end()
      else if (request.url.endsWith('/members') && request.method === 'GET')
        sendJson(response, 200, { members: [aMember], schema: '/v2/schemas/members' })
      else sendJson(response, 200, aMember)
    })
    const { members } = aClient(service.endpoint)

    expect(await members.list('a')).toEqual([aMember])
    expect(await members.get('a', 'p/1')).toEqual(aMember)
    expect(await members.create('a', 'p/1')).toEqual(aMember)
    expect(await members.update('a', 'p/1', 'accepted')).toEqual(aMember)
    await members.delete('a', 'p/1')

    expect(service.requests.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([
      'GET /v2/images/a/members ',
      'GET /v2/images/a/members/p%2F1 ',
      'POST /v2/images/a/members {"member":"p/1"}',
      'PUT /v2/images/a/members/p%2F1 {"status":"accepted"}',
      'DELETE /v2/images/a/members/p%2F1 ',
    ])
  })

  it('reject with the service’s code and words', async () => {
    await using service = await fakeService((_request, response) =>
      sendPage(response, 409, 'Conflict', 'Member x is duplicated'),
    )

    await expect(aClient(service.endpoint).members.create('a', 'x')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Member x is duplicated'),
    })
  })

  it.each([{}, { members: 'x' }, { members: [{ id: 'a' }] }, []])('refuse the answer %j for a list', async (body) => {
    await using service = await fakeService((_request, response) => sendJson(response, 200, body))

    await expect(aClient(service.endpoint).members.list('a')).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
  })

  it.each(['', '.', '..'])('cannot be called %j, whose path would be another', async (id) => {
    const { members } = aClient('http://localhost:9292')

    await expect(members.get('a', id)).rejects.toThrow(TypeError)
    expect(() => members.delete('a', id)).toThrow(TypeError)
  })
})
