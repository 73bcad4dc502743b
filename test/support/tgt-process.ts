/**
 * A real iSCSI target for tests: Debian's tgtd, on loopback, as an ordinary user, with files of a temporary folder as disks.
 *
 * Every one has its own port and control socket, so any number of them run side by side. Unit 0 of a target of tgt is always a
 * controller; disks begin at 1.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Name and secret of CHAP. */
export interface TgtAccount {
  readonly user: string
  readonly secret: string
}

/** What a target is like. */
export interface TgtTargetOptions {
  /** Bytes of its disk, unit 1. */
  readonly size: number
  /** Who may come in, and how the target proves itself. */
  readonly chap?: TgtAccount
  readonly targetChap?: TgtAccount
  /** Keys of the login, such as `{ MaxBurstLength: '65536' }`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Of the unit, such as `{ readonly: '1' }`. */
  readonly unit?: Readonly<Record<string, string>>
}

/** A target with one disk. */
export interface TgtTarget {
  readonly name: string
  /** The file that holds the disk. */
  readonly file: string
  /** For libiscsi and qemu. */
  readonly url: string
  /** Changes the disk's size, also under live sessions; they are not told. */
  resize(bytes: number): Promise<void>
  /** Cuts every connection to it. @returns how many */
  cutConnections(): Promise<number>
  /** Removes it, also from under live sessions. */
  remove(): Promise<void>
}

/** A running tgtd. */
export interface TgtProcess {
  /** `host:port` */
  readonly portal: string
  addTarget(name: string, options: TgtTargetOptions): Promise<TgtTarget>
  /** Stops it in its tracks, without closing anything; `resume` lets it go on. */
  pause(): void
  resume(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** How it is started. */
export interface TgtOptions {
  /** Settings of its portal, such as `nop_interval=1`. */
  readonly settings?: readonly string[]
  /** Where its folder is made; among the system's temporary ones by default. */
  readonly under?: string
}

/** Starts one. Rejects when it does not listen within twenty seconds. */
export async function startTgt({ settings = [], under = tmpdir() }: TgtOptions = {}): Promise<TgtProcess> {
  const folder = mkdtempSync(join(under, 'tgt-test-'))
  const port = await freePort()
  const portal = `127.0.0.1:${port}`
  const environment = { ...process.env, TGT_IPC_SOCKET: join(folder, 'control') }
  const iscsi = [`portal=${portal}`, ...settings].join(',')
  // The number only names the control socket, which lies in a folder of its own.
  const child = spawn('tgtd', ['-f', '-C', '1', '-t', '2', '--iscsi', iscsi], { env: environment, stdio: 'ignore' })
  const gone = once(child, 'exit').catch(() => {})
  const admin = async (...args: readonly string[]): Promise<string> =>
    (await run('tgtadm', ['-C', '1', '--lld', 'iscsi', ...args], { env: environment })).stdout
  const dispose = async (): Promise<void> => {
    // It takes no notice of SIGTERM while it has targets, and there is nothing of it to save.
    child.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await listens(port, child)
  } catch (error) {
    await dispose()
    throw error
  }
  let targets = 0
  return {
    portal,
    addTarget: (name, options) => {
      targets += 1
      return addTarget(admin, { folder, portal, id: String(targets), name }, options)
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: dispose,
  }
}

type Admin = (...args: readonly string[]) => Promise<string>

interface Place {
  readonly folder: string
  readonly portal: string
  readonly id: string
  readonly name: string
}

async function addTarget(admin: Admin, place: Place, options: TgtTargetOptions): Promise<TgtTarget> {
  const { folder, portal, id, name } = place
  const file = join(folder, `${id}.img`)
  writeFileSync(file, '')
  truncateSync(file, options.size)
  const target = ['--mode', 'target', '--tid', id]
  const unit = ['--mode', 'logicalunit', '--tid', id, '--lun', '1']
  const updateUnit = (parameters: string): Promise<string> => admin('--op', 'update', ...unit, '--params', parameters)
  await admin('--op', 'new', ...target, '-T', name)
  await admin('--op', 'new', ...unit, '-b', file)
  for (const [key, value] of Object.entries({ thin_provisioning: '1', ...options.unit }))
    await updateUnit(`${key}=${value}`)
  for (const [key, value] of Object.entries({ MaxRecvDataSegmentLength: '262144', ...options.parameters }))
    await admin('--op', 'update', ...target, '--name', key, '--value', value)
  for (const [account, ...direction] of [[options.chap], [options.targetChap, '--outgoing']] as const) {
    if (account === undefined) continue
    const user = ['--mode', 'account', '--user', account.user]
    await admin('--op', 'new', ...user, '--password', account.secret)
    await admin('--op', 'bind', ...user, '--tid', id, ...direction)
  }
  await admin('--op', 'bind', ...target, '-I', '127.0.0.1')
  const login = options.chap === undefined ? '' : `${options.chap.user}%${options.chap.secret}@`
  return {
    name,
    file,
    url: `iscsi://${login}${portal}/${name}/1`,
    resize: async (bytes) => {
      truncateSync(file, bytes)
      await updateUnit('online=0')
      await updateUnit(`path=${file}`)
      await updateUnit('online=1')
    },
    cutConnections: async () => {
      const shown = await admin('--op', 'show', '--mode', 'conn', '--tid', id)
      const connections = [...shown.matchAll(/Session: (\d+)\s+Connection: (\d+)/g)]
      for (const [, session = '', connection = ''] of connections)
        await admin('--op', 'delete', '--mode', 'conn', '--tid', id, '--sid', session, '--cid', connection)
      return connections.length
    },
    remove: async () => {
      await admin('--op', 'delete', ...target, '--force')
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port on loopback')
  return address.port
}

/** Tries until somebody listens: tgtd goes on without a portal when the port is taken. */
async function listens(port: number, child: ChildProcess): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    if (child.exitCode !== null) break
    const socket = connect(port, '127.0.0.1')
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (connected) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('tgtd does not listen')
}
