import { type Deps, projectUsage, storesInfo, storesInfoDetail } from '@glance/service'
import { contextOf } from '../context.ts'
import type { Route } from './route.ts'
import { storeDetailView, storeView } from './view/store.ts'

/** What the service has. */
export function infoRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v2/info/stores',
      body: 'none',
      handle: async (request, reply) =>
        reply
          .type('application/json')
          .send(JSON.stringify({ stores: storesInfo(contextOf(request), deps).map(storeView) })),
    },
    {
      method: 'GET',
      path: '/v2/info/stores/detail',
      body: 'none',
      handle: async (request, reply) =>
        reply
          .type('application/json')
          .send(JSON.stringify({ stores: storesInfoDetail(contextOf(request), deps).map(storeDetailView) })),
    },
    {
      method: 'GET',
      path: '/v2/info/usage',
      body: 'stream',
      async handle(request, reply) {
        const usage = Object.fromEntries(await projectUsage(contextOf(request), deps))
        return reply.type('application/json').send(JSON.stringify({ usage }))
      },
    },
  ]
}
