import type { Api } from './api.ts'

/** What became of the attempts to make an image of a location. */
export interface Attempts {
  /** Statuses by the way in. */
  readonly statuses: Readonly<Record<string, number>>
  /** Everything that was answered, as text. */
  readonly answers: string
}

/** Tries every way in which a location can be given: as an administrator, whom policy lets do everything, on images of their own. */
export async function tryLocation(api: Api, url: string): Promise<Attempts> {
  const statuses: Record<string, number> = {}
  let answers = ''
  const attempt = async (name: string, send: (id: string) => ReturnType<Api['call']>): Promise<void> => {
    const { id } = await api.create('admin')
    const answer = await send(id)
    const image = await api.call('admin', 'GET', `/v2/images/${id}`)
    const data = await api.call('admin', 'GET', `/v2/images/${id}/file`)
    if (image.json().status !== 'queued' || data.statusCode !== 204) throw new Error(`${name} of ${url} was taken`)
    await api.call('admin', 'DELETE', `/v2/images/${id}`)
    statuses[name] = answer.statusCode
    answers += answer.body
  }
  const value = { url, metadata: {} }
  await attempt('add', (id) => api.patch('admin', id, [{ op: 'add', path: '/locations/-', value }]))
  await attempt('replace', (id) => api.patch('admin', id, [{ op: 'replace', path: '/locations', value: [value] }]))
  await attempt('post', (id) => api.call('admin', 'POST', `/v2/images/${id}/locations`, { payload: { url } }))
  await attempt('create', (_id) => api.call('admin', 'POST', '/v2/images', { payload: { locations: [value] } }))
  return { statuses, answers }
}

/** How all of them are refused. */
export const allRefused: Readonly<Record<string, number>> = { add: 400, replace: 400, post: 400, create: 403 }

/** Options of an API that lets users set locations. */
export const openLocations = { show_multiple_locations: 'true', show_image_direct_url: 'true' }
