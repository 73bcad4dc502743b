import { describe, expect, it } from 'vitest'
import { empty, fakeService, page } from './support/fake-service.ts'
import { glanceAt } from './support/glance.ts'

const member = {
  member_id: 'p2',
  image_id: 'a',
  status: 'pending',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  schema: '/v2/schemas/member',
}

const TABLE = [
  '+----------+-----------+---------+',
  '| Image ID | Member ID | Status  |',
  '+----------+-----------+---------+',
  '| a        | p2        | pending |',
  '+----------+-----------+---------+',
  '',
].join('\n')

describe('the commands for members', () => {
  it.each([
    [['member-list', '--image-id', 'a'], 'GET /v2/images/a/members', { members: [member] }, ''],
    [['member-create', 'a', 'p2'], 'POST /v2/images/a/members', member, '{"member":"p2"}'],
    [['member-update', 'a', 'p2', 'pending'], 'PUT /v2/images/a/members/p2', member, '{"status":"pending"}'],
  ])('%j prints the table of members', async (args, line, reply, body) => {
    await using service = await fakeService({ [line]: reply })

    expect(await glanceAt(service.endpoint, ...args)).toEqual({ code: 0, stdout: TABLE, stderr: '' })
    expect(service.requests.map((request) => request.body)).toEqual([body])
  })

  it('member-get prints every property', async () => {
    await using service = await fakeService({ 'GET /v2/images/a/members/p2': member })

    expect(await glanceAt(service.endpoint, 'member-get', 'a', 'p2')).toEqual({
      code: 0,
      stdout: [
        '+------------+----------------------+',
        '| Property   | Value                |',
        '+------------+----------------------+',
        '| created_at | 2026-01-01T00:00:00Z |',
        '| image_id   | a                    |',
        '| member_id  | p2                   |',
        '| schema     | /v2/schemas/member   |',
        '| status     | pending              |',
        '| updated_at | 2026-01-01T00:00:00Z |',
        '+------------+----------------------+',
        '',
      ].join('\n'),
      stderr: '',
    })
  })

  it('member-delete prints nothing', async () => {
    await using service = await fakeService({ 'DELETE /v2/images/a/members/p2': empty })

    expect(await glanceAt(service.endpoint, 'member-delete', 'a', 'p2')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('pass on the refusal of the service with exit code 1', async () => {
    const refusal = page(403, 'Forbidden', 'Only shared images have members.')
    await using service = await fakeService({ 'GET /v2/images/a/members': refusal })

    expect(await glanceAt(service.endpoint, 'member-list', '--image-id', 'a')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'HTTP 403 Forbidden: Only shared images have members.\n',
    })
  })

  it.each([
    [['member-list'], '--image-id'],
    [['member-create', 'a'], 'MEMBER_ID'],
    [['member-update', 'a', 'p2', 'maybe'], 'accepted, rejected, pending'],
  ])('%j is wrong usage: exit code 2, and nothing is sent', async (args, hint) => {
    await using service = await fakeService({})

    const outcome = await glanceAt(service.endpoint, ...args)

    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(hint) })
    expect(service.requests).toEqual([])
  })
})
