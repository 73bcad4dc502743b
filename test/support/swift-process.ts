/**
 * A real OpenStack Swift for tests: Debian's, one replica on one device, on loopback, in a temporary folder. It logs in by its own version 1 (tempauth), or by a Keystone, and speaks S3 as well when asked to.
 *
 * Debian's `swift-*-server` read only /etc/swift, so a launcher of a few lines starts the same code with a folder of ours.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** Who may log in by version 1: every key is `secret-of-NAME`. `rival` has an account of his own, `guest` no right in that of `tester`. */
export const swiftUsers = ['test:tester', 'other:rival', 'test:guest'] as const

/** The key of a user. */
export function swiftKey(user: (typeof swiftUsers)[number]): string {
  return `secret-of-${user.split(':')[1]}`
}

/** A Keystone that Swift asks, and the account with which it does. */
export interface SwiftKeystone {
  /** Ends in `/v3`. */
  readonly url: string
  readonly user: string
  readonly password: string
  readonly project: string
}

/** A Swift that answers. */
export interface SwiftProcess {
  /** Where the proxy listens, such as `http://127.0.0.1:1234`. */
  readonly url: string
  /** Where version 1 logs in. */
  readonly authUrl: string
  /** Logs in by version 1. */
  logIn(user: (typeof swiftUsers)[number]): Promise<{ readonly token: string; readonly storageUrl: string }>
  [Symbol.asyncDispose](): Promise<void>
}

/** What differs from a plain one. */
export interface SwiftSetup {
  readonly keystone?: SwiftKeystone
  /** Whether the proxy speaks S3 too: path style, region `us-east-1`; users of version 1 are the access keys, and their keys the secrets. */
  readonly s3api?: boolean
}

/** Starts one, which takes some ten seconds. Rejects with its log when it does not answer within three minutes. */
export async function startSwift(setup: SwiftSetup = {}): Promise<SwiftProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'swift-test-'))
  const children: ChildProcess[] = []
  let log = ''
  const start = (command: string, ...args: readonly string[]): void => {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-10_000)
      })
    children.push(child)
  }
  const dispose = async (): Promise<void> => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }),
    )
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const [proxy, object, container, account, cache] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()))
    const ports = { proxy, object, container, account, cache } as Ports
    writeConfiguration(folder, ports, setup)
    const root = userInfo().uid === 0 ? ['-u', 'root'] : []
    start('memcached', '-l', '127.0.0.1', '-p', String(ports.cache), '-U', '0', ...root)
    const rings = (['account', 'container', 'object'] as const).flatMap((kind) => [kind, String(ports[kind])])
    start('/usr/bin/python3', join(folder, 'serve.py'), folder, ...rings)
    const url = `http://127.0.0.1:${ports.proxy}`
    const addresses = [ports.account, ports.container, ports.object, ports.proxy].map(
      (port) => `http://127.0.0.1:${port}`,
    )
    await Promise.all(addresses.map((address) => answers(`${address}/healthcheck`, children, () => log)))
    const authUrl = `${url}/auth/v1.0`
    return {
      url,
      authUrl,
      async logIn(user) {
        const headers = { 'x-auth-user': user, 'x-auth-key': swiftKey(user) }
        const answer = await fetch(authUrl, { headers })
        const token = answer.headers.get('x-auth-token')
        const storageUrl = answer.headers.get('x-storage-url')
        if (token === null || storageUrl === null)
          throw new Error(`log-in of ${user} answered ${answer.status}: ${log}`)
        return { token, storageUrl }
      },
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

interface Ports {
  readonly proxy: number
  readonly object: number
  readonly container: number
  readonly account: number
  readonly cache: number
}

/** One process reads the code and then becomes four: reading it is most of what starting costs. */
const launcher = `import os, signal, sys
from swift.common import utils, constraints, storage_policy
from swift.common.ring import RingBuilder
folder = sys.argv[1]
for kind, port in zip(sys.argv[2::2], sys.argv[3::2]):
    builder = RingBuilder(2, 1, 1)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'replication_ip': '127.0.0.1',
                     'replication_port': int(port), 'device': 'd1', 'weight': 1.0, 'meta': ''})
    builder.rebalance()
    builder.get_ring().save('%s/%s.ring.gz' % (folder, kind))
if utils.set_swift_dir(folder):
    constraints.reload_constraints()
    storage_policy.reload_storage_policies()
from swift.common.wsgi import run_wsgi
from swift.account import server
from swift.container import server
from swift.proxy import server
from swift.obj import server
def serve(kind):
    more = {'global_conf_callback': server.global_conf_callback} if kind == 'object' else {}
    run_wsgi('%s/%s-server.conf' % (folder, kind), kind + '-server', **more)
children = []
for kind in ('account', 'container', 'object', 'proxy'):
    child = os.fork()
    if child == 0:
        serve(kind)
        os._exit(1)
    children.append(child)
def end(*_):
    for child in children:
        os.kill(child, signal.SIGTERM)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
os.wait()
end()
`

function writeConfiguration(folder: string, ports: Ports, setup: SwiftSetup): void {
  mkdirSync(join(folder, 'data', 'd1'), { recursive: true })
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('serve.py', launcher)
  write(
    'swift.conf',
    `[swift-hash]
swift_hash_path_suffix = tests
[storage-policy:0]
name = Policy-0
default = yes
[swift-constraints]
max_header_size = 16384
`,
  )
  for (const kind of ['account', 'container', 'object'] as const)
    write(
      `${kind}-server.conf`,
      `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${ports[kind]}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
devices = ${join(folder, 'data')}
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = healthcheck ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
[filter:healthcheck]
use = egg:swift#healthcheck
`,
    )
  write('proxy-server.conf', proxyConfiguration(folder, ports, setup))
}

function proxyConfiguration(folder: string, ports: Ports, { keystone, s3api = false }: SwiftSetup): string {
  const login = keystone === undefined ? 'tempauth' : 'authtoken keystoneauth'
  const auth = s3api ? `s3api ${login}` : login
  const users = swiftUsers.map((user) => {
    const groups = user === 'test:guest' ? '' : ' .admin'
    return `user_${user.replace(':', '_')} = ${swiftKey(user)}${groups}`
  })
  const filters = [
    'catch_errors',
    'gatekeeper',
    'healthcheck',
    'listing_formats',
    'bulk',
    'tempurl',
    's3api',
    'copy',
    'slo',
    'dlo',
  ]
  const plain = [...filters, 'container_quotas', 'account_quotas'].map(
    (name) => `[filter:${name}]\nuse = egg:swift#${name}`,
  )
  const before = 'catch_errors gatekeeper healthcheck cache listing_formats bulk tempurl'
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${ports.proxy}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
[pipeline:main]
pipeline = ${before} ${auth} copy container_quotas account_quotas slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${ports.cache}
[filter:tempauth]
use = egg:swift#tempauth
${users.join('\n')}
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = ${keystone?.url}
auth_url = ${keystone?.url}
auth_plugin = password
user_domain_name = Default
project_domain_name = Default
username = ${keystone?.user}
password = ${keystone?.password}
project_name = ${keystone?.project}
delay_auth_decision = true
cache = swift.cache
# Nothing is remembered, so that a revoked token is refused at once.
token_cache_time = -1
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin,member,service
${plain.join('\n')}
`
}

/** Asks until it answers; there is no event for it. */
async function answers(url: string, children: readonly ChildProcess[], log: () => string): Promise<void> {
  for (const end = performance.now() + 180_000; performance.now() < end; ) {
    if (children.some(({ exitCode }) => exitCode !== null)) break
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`Swift does not answer: ${log()}`)
}
