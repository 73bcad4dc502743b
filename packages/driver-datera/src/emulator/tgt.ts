/**
 * The disks of an emulated system: tgtd (Debian: tgt), a real iSCSI target in user space, on loopback, with sparse files.
 *
 * It needs no root. Unit 0 of its targets is a controller and the disk is unit 1; in a Datera system the disk is unit 0.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What an offered disk is like. */
export interface Offer {
  readonly iqn: string
  readonly file: string
  /** Initiators that may log in. */
  readonly initiators: readonly string[]
  readonly chap: { readonly user: string; readonly secret: string } | null
}

/** A running tgtd. */
export class Tgt {
  readonly port: number
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #gone: Promise<unknown>
  /** Numbers of targets by their names, kept while they are withdrawn: tgt makes names of a disk from it, and a volume is the same device afterwards. */
  readonly #ids = new Map<string, number>()
  readonly #offered = new Set<string>()
  #lastId = 0

  /** Starts one. Rejects when the command is missing or does not listen. @param folder - for files and the control socket; short, since sockets have short names */
  static async start(folder: string, address = '127.0.0.1'): Promise<Tgt> {
    const port = await freePort(address)
    const child = spawn('tgtd', ['-f', '-C', '1', '-t', '2', '--iscsi', `portal=${address}:${port}`], {
      env: { ...process.env, TGT_IPC_SOCKET: join(folder, 'control') },
      stdio: 'ignore',
    })
    const failed = once(child, 'error').then(([error]) => {
      throw new Error('tgtd cannot be started; install it (Debian: tgt)', { cause: error })
    })
    failed.catch(() => {})
    const tgt = new Tgt(child, folder, port)
    await Promise.race([listens(port, address, child), failed])
    return tgt
  }

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child
    this.#folder = folder
    this.port = port
    this.#gone = once(child, 'exit').catch(() => {})
  }

  /** Makes a disk of so many bytes. @returns its file */
  createDisk(name: string, bytes: number): string {
    const file = join(this.#folder, `${name}.img`)
    writeFileSync(file, '')
    truncateSync(file, bytes)
    return file
  }

  removeDisk(file: string): void {
    rmSync(file, { force: true })
  }

  /** Offers a disk; logins work from now on. */
  async offer({ iqn, file, initiators, chap }: Offer): Promise<void> {
    if (this.#offered.has(iqn)) return
    if (!this.#ids.has(iqn)) {
      this.#lastId += 1
      this.#ids.set(iqn, this.#lastId)
    }
    const id = this.#id(iqn)
    const unit = ['--mode', 'logicalunit', '--tid', id, '--lun', '1']
    await this.#admin('--op', 'new', '--mode', 'target', '--tid', id, '-T', iqn)
    this.#offered.add(iqn)
    await this.#admin('--op', 'new', ...unit, '-b', file)
    const serial = iqn.slice(-16)
    const identity = `vendor_id=DATERA,product_id=IBLOCK,scsi_id=${serial},scsi_sn=${serial}`
    await this.#admin('--op', 'update', ...unit, '--params', `${identity},thin_provisioning=1`)
    if (chap) {
      const account = ['--mode', 'account', '--user', chap.user]
      await this.#admin('--op', 'new', ...account, '--password', chap.secret).catch(() => {})
      await this.#admin('--op', 'bind', ...account, '--tid', id)
    }
    for (const initiator of initiators) await this.admit(iqn, initiator)
  }

  /** Lets an initiator log in. */
  async admit(iqn: string, initiator: string): Promise<void> {
    await this.#admin('--op', 'bind', '--mode', 'target', '--tid', this.#id(iqn), '-Q', initiator)
  }

  /** Lets it in no more; it stays logged in. */
  async expel(iqn: string, initiator: string): Promise<void> {
    await this.#admin('--op', 'unbind', '--mode', 'target', '--tid', this.#id(iqn), '-Q', initiator)
  }

  /** Offers it no more; sessions end. */
  async withdraw(iqn: string): Promise<void> {
    if (!this.#offered.has(iqn)) return
    await this.#admin('--op', 'delete', '--mode', 'target', '--tid', this.#id(iqn), '--force')
    this.#offered.delete(iqn)
  }

  /** Makes a disk longer, also under sessions, which are not told. */
  async resize(iqn: string, file: string, bytes: number): Promise<void> {
    truncateSync(file, bytes)
    if (!this.#offered.has(iqn)) return
    const unit = ['--op', 'update', '--mode', 'logicalunit', '--tid', this.#id(iqn), '--lun', '1', '--params']
    for (const parameter of ['online=0', `path=${file}`, 'online=1']) await this.#admin(...unit, parameter)
  }

  /** Names of initiators that are logged in. */
  async initiators(iqn: string): Promise<readonly string[]> {
    return (await this.#connections(iqn)).map(({ initiator }) => initiator)
  }

  /** Cuts every connection to a target. @returns how many */
  async cut(iqn: string): Promise<number> {
    const connections = await this.#connections(iqn)
    for (const { session, connection } of connections)
      await this.#admin(
        '--op',
        'delete',
        '--mode',
        'conn',
        '--tid',
        this.#id(iqn),
        '--sid',
        session,
        '--cid',
        connection,
      )
    return connections.length
  }

  async stop(): Promise<void> {
    // It takes no notice of SIGTERM while it has targets, and there is nothing of it to save.
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  async #connections(iqn: string): Promise<readonly { session: string; connection: string; initiator: string }[]> {
    if (!this.#offered.has(iqn)) return []
    const shown = await this.#admin('--op', 'show', '--mode', 'conn', '--tid', this.#id(iqn))
    return [...shown.matchAll(/Session: (\d+)\s+Connection: (\d+)\s+Initiator: (\S+)/g)].map(
      ([, session = '', connection = '', initiator = '']) => ({ session, connection, initiator }),
    )
  }

  #id(iqn: string): string {
    return String(this.#ids.get(iqn) ?? 0)
  }

  async #admin(...args: readonly string[]): Promise<string> {
    const environment = { ...process.env, TGT_IPC_SOCKET: join(this.#folder, 'control') }
    return (await run('tgtadm', ['-C', '1', '--lld', 'iscsi', ...args], { env: environment })).stdout
  }
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const place = server.address()
  server.close()
  await once(server, 'close')
  if (place === null || typeof place === 'string') throw new Error('no free port')
  return place.port
}

/** Tries until somebody listens: tgtd goes on without a portal when the port is taken. */
async function listens(port: number, address: string, child: ChildProcess): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    if (child.exitCode !== null) break
    const socket = connect(port, address)
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (connected) return
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new Error('tgtd does not listen')
}
