import {
  addMetadefTag,
  addMetadefTags,
  clearMetadefTags,
  type Deps,
  listMetadefTags,
  removeMetadefTag,
  renameMetadefTag,
  showMetadefTag,
} from '@glance/service'
import { contextOf } from '../../context.ts'
import { queryParameters } from '../query-string.ts'
import { header, type Route } from '../route.ts'
import { tagView } from '../view/metadef.ts'
import { itemInput, namespaceInput, removing, sendJson } from './exchange.ts'

const all = '/v2/metadefs/namespaces/:namespace/tags'
const one = `${all}/:name`

/** Tags of namespaces. */
export function metadefTagRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: all,
      body: 'none',
      async handle(request, reply) {
        const input = { ...namespaceInput(request), parameters: queryParameters(request.raw.url ?? '') }
        const tags = await listMetadefTags(contextOf(request), deps, input)
        return sendJson(reply, { tags: tags.map(({ name }) => ({ name })) })
      },
    },
    {
      method: 'POST',
      path: all,
      body: 'json',
      async handle(request, reply) {
        const append = isYes(header(request, 'x-openstack-append') ?? '')
        const input = { ...namespaceInput(request), body: request.body, append }
        const tags = await addMetadefTags(contextOf(request), deps, input)
        return sendJson(reply.code(201), { tags: tags.map(({ name }) => ({ name })) })
      },
    },
    removing(all, deps, clearMetadefTags, namespaceInput),
    {
      method: 'GET',
      path: one,
      body: 'none',
      handle: async (request, reply) =>
        sendJson(reply, tagView(await showMetadefTag(contextOf(request), deps, itemInput(request)))),
    },
    {
      method: 'POST',
      path: one,
      body: 'none',
      handle: async (request, reply) =>
        sendJson(reply.code(201), tagView(await addMetadefTag(contextOf(request), deps, itemInput(request)))),
    },
    {
      method: 'PUT',
      path: one,
      body: 'json',
      async handle(request, reply) {
        const input = { ...itemInput(request), body: request.body }
        return sendJson(reply, tagView(await renameMetadefTag(contextOf(request), deps, input)))
      },
    },
    removing(one, deps, removeMetadefTag, itemInput),
  ]
}

/** The texts that OpenStack's services take for a yes. */
function isYes(text: string): boolean {
  return ['1', 't', 'true', 'on', 'y', 'yes'].includes(text.trim().toLowerCase())
}
