/**
 * OSSN-0088: some of Glance's calls about metadata definitions told users of other projects what private namespaces are called and hold, and any user could make as many definitions as he liked.
 */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'

const root = '/v2/metadefs'
const secret = 'unreleased-product'
const body = {
  namespace: secret,
  owner: 'one',
  properties: { [secret]: { title: secret, type: 'string' } },
  objects: [{ name: secret }],
  tags: [{ name: secret }],
  resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }],
}

describe('OSSN-0088', () => {
  it('no answer to users of other projects tells a private namespace from one that does not exist', async () => {
    await using api = await openApi()
    await api.call('admin', 'POST', `${root}/namespaces`, { payload: body })
    const ends = ['properties', 'objects', 'tags', 'resource_types'].flatMap((kind) => [
      `/${kind}`,
      `/${kind}/${secret}`,
    ])
    const queries = ['', '?resource_type=OS::Nova::Flavor']

    for (const method of ['GET', 'PUT', 'DELETE', 'POST'] as const)
      for (const end of ['', ...ends])
        for (const query of queries) {
          const payload =
            method === 'PUT' || method === 'POST' ? { payload: { name: 'x', title: 't', type: 'string' } } : {}
          const ask = async (namespace: string) => {
            const answer = await api.call('bob', method, `${root}/namespaces/${namespace}${end}${query}`, payload)
            return [answer.statusCode, answer.body.replaceAll(namespace, '')]
          }
          expect(await ask(secret), `${method} ${end}${query}`).toEqual(await ask('there-is-none'))
        }
  })

  it('lists of users of other projects leave private namespaces out, and their markers are not found', async () => {
    await using api = await openApi()
    await api.call('admin', 'POST', `${root}/namespaces`, { payload: body })

    for (const query of [
      '',
      '?visibility=private',
      '?resource_types=OS::Nova::Flavor',
      '?sort_key=namespace&limit=1',
    ]) {
      const answer = await api.call('bob', 'GET', `${root}/namespaces${query}`)
      expect(answer.json().namespaces).toEqual([])
      expect(answer.body).not.toContain(secret)
    }
    expect((await api.call('bob', 'GET', `${root}/namespaces?marker=${secret}`)).statusCode).toBe(404)
  })

  it('users make no definitions at all', async () => {
    await using api = await openApi()
    await api.call('admin', 'POST', `${root}/namespaces`, { payload: { ...body, visibility: 'public' } })
    const at = `${root}/namespaces/${secret}`

    for (const [url, payload] of [
      [`${root}/namespaces`, { namespace: 'x' }],
      [`${at}/properties`, { name: 'x', title: 't', type: 'string' }],
      [`${at}/objects`, { name: 'x' }],
      [`${at}/tags`, { tags: [{ name: 'x' }] }],
      [`${at}/tags/x`, undefined],
      [`${at}/resource_types`, { name: 'x' }],
    ] as const)
      expect((await api.call('alice', 'POST', url, payload === undefined ? {} : { payload })).statusCode).toBe(403)
  })
})
