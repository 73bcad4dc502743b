/** Requests about locations whose answers a real glance-api and ours have to agree on, with `show_multiple_locations` and an origin of web addresses. */
import type { Exchange } from './exchanges.ts'

const v20 = 'application/openstack-images-v2.0-json-patch'
const v21 = 'application/openstack-images-v2.1-json-patch'
const sha512 = 'ab'.repeat(64)
const hashes = { checksum: 'cd'.repeat(16), os_hash_algo: 'sha512', os_hash_value: sha512 }

/** @param origin - answers `/size/N…` with N bytes, and everything else with 404 */
export function locationExchanges(origin: string): readonly Exchange[] {
  const at = (size: number, path = ''): string => `${origin}/size/${size}${path}`
  const place = (url: string, more: object = {}): object => ({ url, metadata: {}, ...more })
  const create = (as: string, members: object = {}): Exchange => ({
    method: 'POST',
    path: '/v2/images',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: as, disk_format: 'raw', container_format: 'bare', ...members }),
    as,
  })
  const patch = (as: string, body: unknown, type = v21): Exchange => ({
    method: 'PATCH',
    path: `/v2/images/{${as}}`,
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  })
  const add = (as: string, value: unknown, position = '-'): Exchange =>
    patch(as, [{ op: 'add', path: `/locations/${position}`, value }])
  const replace = (as: string, value: unknown): Exchange => patch(as, [{ op: 'replace', path: '/locations', value }])
  const remove = (as: string, position: number | string): Exchange =>
    patch(as, [{ op: 'remove', path: `/locations/${position}` }])
  const show = (as: string): Exchange => ({ method: 'GET', path: `/v2/images/{${as}}` })

  return [
    create('a'),
    show('a'),
    remove('a', 0),
    replace('a', []),
    // Nothing that a location may not be.
    ...[
      7,
      null,
      'x',
      [],
      {},
      { url: at(1) },
      { metadata: {} },
      place(7 as never),
      { url: at(1), metadata: 7 },
      place(at(1, `/${'a'.repeat(300)}`)),
      place('file:///etc/passwd'),
      place('FILE:///etc/passwd'),
      place('filesystem:///etc/passwd'),
      place('swift+config://ref/c/o'),
      place('foo://x/y'),
      place('nothing'),
      place(''),
      place('http://'),
      place('http://127.0.0.1:1/x'),
      place(`${origin}/none`),
      place(at(0)),
      place('rbd://a/b/c/d'),
      place(at(5), { metadata: { n: 7 } }),
      place(at(4), { validation_data: 7 }),
      place(at(4), { validation_data: {} }),
      place(at(4), { validation_data: { os_hash_algo: 'sha512' } }),
      place(at(4), { validation_data: { ...hashes, more: 'x' } }),
      place(at(4), { validation_data: { ...hashes, checksum: 'z'.repeat(32) } }),
      place(at(4), { validation_data: { ...hashes, os_hash_algo: 'sha256' } }),
      place(at(4), { validation_data: { ...hashes, os_hash_value: 'ab' } }),
      place(at(4), { validation_data: { ...hashes, os_hash_value: 'z'.repeat(128) } }),
    ].map((value) => add('a', value)),
    add('a', place(at(1)), 'x'),
    patch('a', [{ op: 'remove', path: '/locations' }]),
    patch('a', [{ op: 'add', path: '/locations', value: [place(at(1))] }]),
    patch('a', [{ op: 'replace', path: '/locations/0', value: place(at(1)) }]),
    // One after the other.
    add('a', place(at(10))),
    show('a'),
    add('a', place(at(10))),
    add('a', place(at(10, '/two'), { metadata: { k: ['v', { w: 'x' }] } })),
    add('a', place(at(10, '/three')), '9'),
    add('a', place(at(10, '/four'))),
    show('a'),
    { method: 'GET', path: '/v2/images/{a}/file' },
    remove('a', 9),
    remove('a', '-'),
    remove('a', 0),
    show('a'),
    remove('a', 0),
    replace('a', []),
    replace('a', [place(at(12))]),
    replace('a', [place(at(10, '/two'), { metadata: { k: 'w' } })]),
    add('a', place(at(10, '/five'), { validation_data: hashes })),
    // Of another size.
    create('s'),
    add('s', place(at(10))),
    add('s', place(at(11))),
    // As a whole.
    create('b'),
    ...[7, {}, [7], [{}], null, [place(at(3)), place(at(3))]].map((value) => replace('b', value)),
    replace(
      'b',
      [1, 2, 3, 4].map((n) => place(at(4, `/${n}`))),
    ),
    replace('b', [place(at(4)), place(at(4, '/b'))]),
    replace('b', [place(at(4))]),
    // With hashes.
    create('c'),
    add('c', place(at(4), { validation_data: hashes })),
    show('c'),
    add('c', place(at(4, '/2'), { validation_data: hashes })),
    add('c', place(at(4, '/3'), { validation_data: { ...hashes, os_hash_value: 'ef'.repeat(64) } })),
    add('c', place(at(4, '/3'), { validation_data: { ...hashes, checksum: 'ef'.repeat(16) } })),
    create('d'),
    replace('d', [
      place(at(4), { validation_data: hashes }),
      place(at(4, '/b'), { validation_data: { ...hashes, checksum: 'ef'.repeat(16) } }),
    ]),
    // In all sorts of states and company.
    create('e', { disk_format: null }),
    add('e', place(at(4))),
    create('f'),
    patch('f', [
      { op: 'replace', path: '/name', value: 'n' },
      { op: 'add', path: '/locations/-', value: place(at(4)) },
      { op: 'add', path: '/locations/-', value: place(at(4, '/2')) },
      { op: 'add', path: '/p', value: 'q' },
      { op: 'remove', path: '/locations/0' },
    ]),
    patch('f', [
      { op: 'add', path: '/locations/-', value: place(at(4, '/3')) },
      { op: 'remove', path: '/missing' },
    ]),
    show('f'),
    create('g'),
    patch('g', [{ add: '/locations/-', value: place(at(4)) }], v20),
    { method: 'POST', path: '/v2/images/{g}/actions/deactivate' },
    add('g', place(at(4, '/2'))),
    remove('g', 0),
    replace('g', [place(at(4), { metadata: { a: 'b' } })]),
    show('g'),
    { method: 'DELETE', path: '/v2/images/{g}' },
    { ...add('g', place(at(4))), path: '/v2/images/00000000-0000-4000-8000-00000000beef' },
    { ...add('g', { url: 'x' }), path: '/v2/images/00000000-0000-4000-8000-00000000beef' },
    { ...create('h'), body: JSON.stringify({ locations: [place(at(4))] }) },
    { ...create('h'), body: JSON.stringify({ validation_data: {} }) },
    { method: 'DELETE', path: '/v2/stores/file/{a}' },
  ]
}
