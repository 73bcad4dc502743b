/**
 * An iSCSI target with a disk in memory that does what a test says: what real targets do rarely, or never when one wants it.
 *
 * Without a script it behaves as LIO does, more or less: the disk is unit 0, the first command of a session meets a unit attention,
 * a login of a known identity ends the session that had it before. A rule that the initiator breaks fails the test, by `problems`.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type RequestKind, TargetConnection, type TargetSide } from './connection.ts'
import { ScriptedDisk } from './disk.ts'
import type { Pdu } from './framing.ts'
import type { Account } from './login.ts'

export type { RequestKind, TargetConnection } from './connection.ts'
export type { Pdu } from './framing.ts'

/** What it is like. All have defaults. */
export interface ScriptedTargetOptions {
  readonly name?: string
  /** Bytes of the disk; 1 MiB by default. */
  readonly size?: number
  readonly blockSize?: number
  readonly lun?: number
  readonly vendor?: string
  readonly serial?: string
  readonly thin?: boolean
  /** Most blocks of a transfer; no limit by default. */
  readonly maxTransfer?: number
  readonly chap?: Account
  readonly targetChap?: Account
  /** Answers to keys of the login, such as `{ InitialR2T: 'No' }`; an empty one passes the key over. */
  readonly answers?: Readonly<Record<string, string>>
  /** Keys that the target offers or tells by itself. */
  readonly offers?: Readonly<Record<string, string>>
  /** Commands that may be outstanding; 32 by default. */
  readonly window?: number
  /** The first StatSN. */
  readonly firstStatus?: number
}

/** Deals with one request in place of the target. `connection.handle(pdu)` does what would have been done. */
export type Script = (connection: TargetConnection, pdu: Pdu) => void

/** A running one. */
export interface ScriptedTarget {
  readonly name: string
  /** `host:port` */
  readonly portal: string
  readonly disk: ScriptedDisk
  /** Kinds of all requests so far, in order. */
  readonly requests: readonly RequestKind[]
  /** Connections that are open, oldest first. */
  readonly connections: readonly TargetConnection[]
  /** Lets scripts deal with the next requests of a kind, one each, in this order. */
  next(kind: RequestKind, ...scripts: readonly Script[]): void
  /** Fulfilled when `count` requests of a kind have come. */
  seen(kind: RequestKind, count: number): Promise<void>
  /** Changes the size of the disk; sessions are told (unit attention 2a/09). */
  resize(bytes: number): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts one on loopback. Disposing of it throws when the initiator broke a rule. */
export async function startScriptedTarget(options: ScriptedTargetOptions = {}): Promise<ScriptedTarget> {
  const name = options.name ?? 'iqn.2020-01.test:scripted'
  const disk = new ScriptedDisk({
    size: options.size ?? 1024 * 1024,
    blockSize: options.blockSize ?? 512,
    lun: options.lun ?? 0,
    vendor: options.vendor ?? 'SCRIPT',
    serial: options.serial ?? 'serial-1',
    thin: options.thin ?? true,
    maxTransfer: options.maxTransfer ?? 0,
  })
  const scripts = new Map<RequestKind, Script[]>()
  const requests: RequestKind[] = []
  const waiting: { readonly kind: RequestKind; readonly count: number; readonly resolve: () => void }[] = []
  const connections: TargetConnection[] = []
  const problems: unknown[] = []
  const server = createServer()

  const side: TargetSide = {
    rules: {
      name,
      chap: options.chap,
      targetChap: options.targetChap,
      answers: options.answers ?? {},
      offers: options.offers ?? { MaxRecvDataSegmentLength: '65536' },
    },
    disk,
    window: options.window ?? 32,
    firstStatus: options.firstStatus ?? 1,
    portal: () => portal,
    seen: (kind, pdu, connection) => {
      requests.push(kind)
      for (const wait of waiting) if (countOf(kind) >= wait.count && wait.kind === kind) wait.resolve()
      const script = scripts.get(kind)?.shift()
      script?.(connection, pdu)
      return script !== undefined
    },
    begun: (connection) => {
      for (const other of connections) if (other !== connection && other.identity === connection.identity) other.drop()
    },
  }
  const countOf = (kind: RequestKind): number => requests.filter((request) => request === kind).length

  server.on('connection', (socket) => {
    const connection = new TargetConnection(socket, side, (problem) => problems.push(problem))
    connections.push(connection)
    socket.on('close', () => connections.splice(connections.indexOf(connection), 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const portal = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`

  return {
    name,
    portal,
    disk,
    requests,
    connections,
    next: (kind, ...more) => void scripts.set(kind, [...(scripts.get(kind) ?? []), ...more]),
    seen: (kind, count) =>
      countOf(kind) >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ kind, count, resolve })),
    resize: (bytes) => {
      disk.bytes = Buffer.concat([disk.bytes, Buffer.alloc(Math.max(0, bytes - disk.bytes.length))]).subarray(0, bytes)
      for (const connection of connections) connection.attention = [6, 0x2a, 9]
    },
    [Symbol.asyncDispose]: async () => {
      for (const connection of [...connections]) connection.drop()
      server.close()
      await once(server, 'close')
      if (problems.length > 0) throw problems[0]
    },
  }
}
