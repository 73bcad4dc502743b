/**
 * Requests on records: how many a second, and whether a page of a list takes longer when there are more images.
 *
 * The server is a process of its own; each measure is the same number of requests over the same few kept connections. Lists are measured on databases of three sizes that are filled through the
 * database package, for an administrator and for a project that sees its own and public images.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@glance/database'
import { type Measured, start } from './support/process.ts'
import { median, type Row } from './support/table.ts'

const here = import.meta.dirname
const bin = join(here, '..', 'packages', 'server', 'bin', 'glance-server.mjs')
const tokens = { admin: 'benchmark-admin-token', member: 'benchmark-member-token' }

/** How much to measure. */
export interface RequestSettings {
  /** Records for create, show, patch and delete. */
  readonly records: number
  /** Sizes of the databases for lists. */
  readonly images: readonly number[]
  /** Pages read for one figure. */
  readonly pages: number
}

/** Measures and returns two tables. */
export async function requests(
  settings: RequestSettings,
): Promise<{ readonly records: readonly Row[]; readonly lists: readonly Row[] }> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'glance-bench-'))
  try {
    const records = await withServer(join(folder, 'records'), (server) => measureRecords(server, settings.records))
    const lists: Row[] = []
    for (const count of settings.images) {
      const data = join(folder, `list-${count}`)
      await fill(data, count)
      lists.push(...(await withServer(data, (server) => measureLists(server, count, settings.pages))))
    }
    return { records, lists: withRatios(lists, settings.images[0] ?? 0) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function withServer<T>(data: string, use: (server: Measured) => Promise<T>): Promise<T> {
  mkdirSync(data, { recursive: true })
  writeFileSync(
    join(data, 'tokens.json'),
    JSON.stringify([
      { token: tokens.admin, user: 'admin', project: 'admin', roles: ['admin'] },
      { token: tokens.member, user: 'member', project: 'project-1', roles: ['member'] },
    ]),
  )
  const server = await start(bin, ['--data-dir', data, '--bind-host', '127.0.0.1', '--bind-port', '0'])
  try {
    return await use(server)
  } finally {
    await server.end()
  }
}

/** Images of three projects, so that every page is full; one in fifty is public. Ten have a tag and a property that are rare, however many there are. */
async function fill(data: string, count: number): Promise<void> {
  mkdirSync(data, { recursive: true })
  const database = await openDatabase({ connection: `sqlite:///${join(data, 'glance.sqlite')}` })
  const start = Date.UTC(2026, 0, 1)
  for (let index = 0; index < count; index += 1) {
    await database.images.insert({
      id: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      name: `image-${(index * 7919) % count}`,
      status: 'active',
      visibility: index % 50 === 0 ? 'public' : 'shared',
      protected: false,
      hidden: false,
      owner: `project-${index % 3}`,
      size: index,
      virtualSize: null,
      checksum: null,
      hashAlgorithm: null,
      hashValue: null,
      diskFormat: 'raw',
      containerFormat: 'bare',
      minDisk: 0,
      minRam: 0,
      createdAt: new Date(start + index * 1000),
      tags: index % (count / 10) < 1 ? ['common', 'rare'] : ['common'],
      properties: new Map([
        ['os_distro', 'debian'],
        ['stage', index % (count / 10) < 1 ? 'rare' : 'usual'],
      ]),
      locations: [],
    })
  }
  await database.close()
}

async function measureRecords(server: Measured, count: number): Promise<readonly Row[]> {
  const call = caller(server, tokens.admin)
  const ids: string[] = []
  const create = await rate(server, count, async () => {
    const answer = await call('POST', '/v2/images', { name: 'bench', disk_format: 'raw', container_format: 'bare' })
    ids.push((JSON.parse(answer) as { id: string }).id)
  })
  const show = await rate(server, count, (index) => call('GET', `/v2/images/${ids[index]}`))
  const patch = await rate(server, count, (index) =>
    call('PATCH', `/v2/images/${ids[index]}`, [{ op: 'replace', path: '/name', value: `bench-${index}` }]),
  )
  const remove = await rate(server, count, (index) => call('DELETE', `/v2/images/${ids[index]}`))
  const rows = { create, show, patch, delete: remove }
  return Object.entries(rows).map(([what, { perSecond, cpuMs }]) => ({
    request: what,
    'a second': perSecond.toFixed(0),
    'server CPU ms each': cpuMs.toFixed(2),
  }))
}

/** Calls in flight at the same time. */
const together = 8

async function rate(
  server: Measured,
  count: number,
  one: (index: number) => Promise<unknown>,
): Promise<{ perSecond: number; cpuMs: number }> {
  const before = server.cpu()
  const started = performance.now()
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await one(index)
  }
  await Promise.all(Array.from({ length: together }, worker))
  const seconds = (performance.now() - started) / 1000
  return { perSecond: count / seconds, cpuMs: ((server.cpu() - before) * 1000) / count }
}

/** What lists are asked for. */
const queries = [
  'sort=created_at:desc',
  'sort=name:asc',
  'sort=size:asc',
  'tag=common',
  'tag=rare',
  'tag=none',
  'stage=usual',
  'stage=rare',
  'stage=none',
  'name=image-7',
  'visibility=public',
]

async function measureLists(server: Measured, images: number, pages: number): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [who, token] of Object.entries(tokens)) {
    const call = caller(server, token)
    for (const query of queries) {
      const path = `/v2/images?limit=25&${query}`
      for (let warm = 0; warm < 300; warm += 1) await call('GET', path)
      const times: number[] = []
      const before = server.cpu()
      for (let page = 0; page < pages; page += 1) {
        const started = performance.now()
        await call('GET', path)
        times.push(performance.now() - started)
      }
      const cpuMs = ((server.cpu() - before) * 1000) / pages
      rows.push({
        list: `${who}, ${query}`,
        images: String(images),
        'ms a page': median(times).toFixed(2),
        'server CPU ms a page': cpuMs.toFixed(2),
      })
    }
  }
  return rows
}

function withRatios(rows: readonly Row[], smallest: number): readonly Row[] {
  return rows.map((row) => {
    const base = rows.find((each) => each['list'] === row['list'] && each['images'] === String(smallest))
    return {
      ...row,
      [`CPU against ${smallest}`]: (
        Number(row['server CPU ms a page']) / Number(base?.['server CPU ms a page'])
      ).toFixed(2),
    }
  })
}

function caller(server: Measured, token: string): (method: string, path: string, body?: unknown) => Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: together })
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const type = method === 'PATCH' ? 'application/openstack-images-v2.1-json-patch' : 'application/json'
      const headers = {
        'x-auth-token': token,
        ...(text === '' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
      }
      const sent = request({ host: '127.0.0.1', port: server.port, method, path, agent, headers }, (answer) => {
        let received = ''
        answer.setEncoding('utf8')
        answer.on('data', (piece: string) => {
          received += piece
        })
        answer.on('end', () =>
          (answer.statusCode ?? 500) < 300
            ? resolve(received)
            : reject(new Error(`${method} ${path}: ${answer.statusCode} ${received}`)),
        )
      })
      sent.on('error', reject)
      sent.end(text)
    })
}
