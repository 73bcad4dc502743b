/**
 * A real Ceph for tests: Debian's, on loopback, one monitor and one OSD in a temporary folder, and a RADOS gateway (S3) when asked for.
 *
 * Without a manager: all data go through without one, only statistics (`ceph -s`, `ceph df`) do not answer. A deleted object of the gateway is freed
 * by its garbage collector later. Keys are made anew, so any number of them run side by side.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from './free-port.ts'

const execute = promisify(execFile)

/** An account of the gateway. */
export interface GatewayUser {
  readonly accessKey: string
  readonly secretKey: string
}

/** The RADOS gateway: S3 in path style, and in virtual-host style for hosts below `dnsName`, which nothing resolves. */
export interface Gateway {
  readonly url: string
  readonly region: 'default'
  readonly dnsName: 's3.test'
  /** Owns what the tests make. */
  readonly glance: GatewayUser
  /** Somebody who may not touch what `glance` owns. */
  readonly other: GatewayUser
}

/** A Ceph cluster that answers. */
export interface CephProcess {
  /** The configuration; the keyrings of all users are found through it. */
  readonly conf: string
  readonly fsid: string
  /** Both addresses of the monitor, as `mon_host` takes them. */
  readonly monHost: string
  /** A pool for RBD images that `client.glance` may use, and no other. */
  readonly pool: 'images'
  readonly user: 'glance'
  /** The key of `client.glance`. */
  readonly key: string
  readonly gateway: Gateway | null
  /** Runs one of Ceph's command lines as the administrator, e.g. `run('rbd', 'ls', 'images')`. @returns its standard output */
  run(program: 'ceph' | 'rbd' | 'rados' | 'radosgw-admin', ...args: readonly string[]): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts one, which takes some ten seconds, twice that with the gateway. Rejects with the end of the log of what did not start. */
export async function startCeph({ gateway = false }: { readonly gateway?: boolean } = {}): Promise<CephProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'ceph-test-'))
  const daemons: Daemon[] = []
  const dispose = async (): Promise<void> => {
    // The gateway goes before what it talks to.
    for (const daemon of daemons.toReversed()) await daemon.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const start = async (name: string, command: readonly string[], answers: () => Promise<unknown>): Promise<void> => {
    const daemon = new Daemon(name, command)
    daemons.push(daemon)
    await daemon.waitFor(answers)
  }
  try {
    const [v2 = 0, v1 = 0, http = 0] = await freePorts(3)
    const fsid = randomUUID()
    const monHost = `[v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]`
    const conf = join(folder, 'ceph.conf')
    writeFileSync(conf, configuration({ folder, fsid, monHost, http }))
    const run: CephProcess['run'] = async (program, ...args) =>
      (await execute(program, ['-c', conf, ...args], { env: environment(), maxBuffer: 64 * 1024 * 1024 })).stdout

    await makeMonitor(folder, conf, fsid, monHost)
    await start('mon', ['ceph-mon', '-c', conf, '-i', 'a', '-f'], () => ceph(run, 'mon', 'stat'))
    await makeOsd(folder, conf, run)
    await start('osd', ['ceph-osd', '-c', conf, '-i', '0', '-f'], async () => {
      if (!(await ceph(run, 'osd', 'stat')).includes(' 1 up')) throw new Error('the OSD is not up')
    })
    await makePool(folder, run)
    const users = gateway ? await makeGateway(folder, run) : null
    const url = `http://127.0.0.1:${http}`
    if (users) await start('rgw', ['radosgw', '-c', conf, '-n', 'client.rgw', '-f'], () => fetch(url))
    const keyring = readFileSync(join(folder, 'client.glance.keyring'), 'utf8')
    return {
      conf,
      fsid,
      monHost,
      pool: 'images',
      user: 'glance',
      key: /key = (\S+)/.exec(keyring)?.[1] ?? '',
      gateway: users && { url, region: 'default', dnsName: 's3.test', ...users },
      run,
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** What Ceph's own programs would take from the environment is not for these. */
function environment(): NodeJS.ProcessEnv {
  const { CEPH_CONF: _conf, CEPH_KEYRING: _keyring, CEPH_ARGS: _args, ...rest } = process.env
  return rest
}

function configuration(at: { folder: string; fsid: string; monHost: string; http: number }): string {
  return `[global]
fsid = ${at.fsid}
mon initial members = a
mon host = ${at.monHost}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth allow insecure global id reclaim = false
keyring = ${at.folder}/$name.keyring
run dir = ${at.folder}
admin socket = ${at.folder}/$name.asok
log file = /dev/null
log to stderr = false
err to stderr = true
crash dir = ${at.folder}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon allow pool delete = true
mon max pg per osd = 1000
mon data avail warn = 2
mon data avail crit = 1
# The monitor gathers changes for a second before it agrees on them with nobody; a dozen pools would be a dozen seconds.
paxos propose interval = 0.05
paxos min wait = 0.01
[mon]
mon data = ${at.folder}/mon
[osd]
osd data = ${at.folder}/osd
osd memory target = 939524096
bluestore block size = 21474836480
bluestore block create = true
osd op num shards = 2
osd class update on start = false
[client]
admin socket =
rbd default features = layering,exclusive-lock,object-map,fast-diff,deep-flatten
[client.rgw]
rgw data = ${at.folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${at.http}
rgw dns name = s3.test
rgw thread pool size = 64
rgw enable usage log = false
rgw enable ops log = false
rgw gc obj min wait = 10
`
}

/** The `ceph` command, which would wait for five minutes for a monitor that is not there. */
function ceph(run: CephProcess['run'], ...args: readonly string[]): Promise<string> {
  return run('ceph', '--connect-timeout', '5', ...args)
}

async function makeMonitor(folder: string, conf: string, fsid: string, monHost: string): Promise<void> {
  const monitors = join(folder, 'mon.keyring')
  const admin = join(folder, 'client.admin.keyring')
  const all = ['mon', 'osd', 'mds', 'mgr'].flatMap((kind) => ['--cap', kind, 'allow *'])
  await execute('ceph-authtool', ['--create-keyring', monitors, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *'])
  await execute('ceph-authtool', ['--create-keyring', admin, '--gen-key', '-n', 'client.admin', ...all])
  await execute('ceph-authtool', [monitors, '--import-keyring', admin])
  const map = join(folder, 'monmap')
  await execute('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', monHost, map])
  mkdirSync(join(folder, 'mon'))
  const make = ['-c', conf, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', monitors]
  await execute('ceph-mon', make, { env: environment() })
}

async function makeOsd(folder: string, conf: string, run: CephProcess['run']): Promise<void> {
  const uuid = randomUUID()
  await ceph(run, 'osd', 'new', uuid)
  mkdirSync(join(folder, 'osd'))
  const caps = ['mon', 'allow profile osd', 'osd', 'allow *']
  await ceph(run, 'auth', 'get-or-create', 'osd.0', ...caps, '-o', join(folder, 'osd.0.keyring'))
  const make = ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', uuid]
  await execute('ceph-osd', make, { env: environment() })
  await ceph(run, 'osd', 'crush', 'add', 'osd.0', '1.0', 'root=default')
}

async function makePool(folder: string, run: CephProcess['run']): Promise<void> {
  await ceph(run, 'osd', 'pool', 'create', 'images', '8')
  await ceph(run, 'osd', 'pool', 'application', 'enable', 'images', 'rbd')
  const caps = ['mon', 'profile rbd', 'osd', 'profile rbd pool=images']
  const keyring = join(folder, 'client.glance.keyring')
  await ceph(run, 'auth', 'get-or-create', 'client.glance', ...caps, '-o', keyring)
}

async function makeGateway(folder: string, run: CephProcess['run']): Promise<Pick<Gateway, 'glance' | 'other'>> {
  mkdirSync(join(folder, 'rgw'))
  const caps = ['mon', 'allow rw', 'osd', 'allow rwx']
  await ceph(run, 'auth', 'get-or-create', 'client.rgw', ...caps, '-o', join(folder, 'client.rgw.keyring'))
  const makeUser = async (name: string): Promise<GatewayUser> => {
    const user = {
      accessKey: randomBytes(10).toString('hex').toUpperCase(),
      secretKey: randomBytes(20).toString('hex'),
    }
    const keys = ['--access-key', user.accessKey, '--secret-key', user.secretKey]
    await run('radosgw-admin', 'user', 'create', '--uid', name, '--display-name', name, ...keys)
    return user
  }
  // The first one makes the zone and its pools, which two at a time cannot.
  const glance = await makeUser('glance')
  return { glance, other: await makeUser('other') }
}

/** One program that runs until it is stopped. */
class Daemon {
  readonly #name: string
  readonly #child: ChildProcess
  #log = ''

  constructor(name: string, [program = '', ...args]: readonly string[]) {
    this.#name = name
    this.#child = spawn(program, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.on('error', (error) => {
      this.#log += String(error)
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-10_000)
      })
  }

  /** Asks until the answer is no error; there is no event for it. */
  async waitFor(answers: () => Promise<unknown>): Promise<void> {
    let last: unknown
    for (const end = performance.now() + 90_000; performance.now() < end && this.#running; ) {
      try {
        await answers()
        return
      } catch (error) {
        last = error
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`${this.#name} does not answer: ${this.#log}`, { cause: last })
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    // Nothing of this is kept, so one that does not end in time may as well be killed.
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(late)
  }

  get #running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }
}
