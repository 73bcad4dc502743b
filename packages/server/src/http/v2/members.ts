import { addMember, type Deps, listMembers, removeMember, showMember, updateMember } from '@glance/service'
import { contextOf } from '../context.ts'
import { type Route, segment } from './route.ts'
import { memberView } from './view/member.ts'

const all = '/v2/images/:imageId/members'
const one = '/v2/images/:imageId/members/:memberId'

/** Projects that an image is shared with. */
export function memberRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: all,
      body: 'none',
      async handle(request, reply) {
        const members = await listMembers(contextOf(request), deps, { imageId: segment(request, 'imageId') })
        const answer = { members: members.map(memberView), schema: '/v2/schemas/members' }
        return reply.type('application/json').send(JSON.stringify(answer))
      },
    },
    {
      method: 'POST',
      path: all,
      body: 'json',
      async handle(request, reply) {
        const input = { imageId: segment(request, 'imageId'), body: request.body }
        const member = await addMember(contextOf(request), deps, input)
        return reply.type('application/json').send(JSON.stringify(memberView(member)))
      },
    },
    {
      method: 'GET',
      path: one,
      body: 'none',
      async handle(request, reply) {
        const input = { imageId: segment(request, 'imageId'), memberId: segment(request, 'memberId') }
        const member = await showMember(contextOf(request), deps, input)
        return reply.type('application/json').send(JSON.stringify(memberView(member)))
      },
    },
    {
      method: 'PUT',
      path: one,
      body: 'json',
      async handle(request, reply) {
        const input = { imageId: segment(request, 'imageId'), memberId: segment(request, 'memberId') }
        const member = await updateMember(contextOf(request), deps, { ...input, body: request.body })
        return reply.type('application/json').send(JSON.stringify(memberView(member)))
      },
    },
    {
      method: 'DELETE',
      path: one,
      body: 'none',
      async handle(request, reply) {
        const input = { imageId: segment(request, 'imageId'), memberId: segment(request, 'memberId') }
        await removeMember(contextOf(request), deps, input)
        return reply.code(204).send()
      },
    },
  ]
}
