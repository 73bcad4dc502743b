/** One connection of the scripted target: carries out what comes, unless a script says otherwise. */
import type { Socket } from 'node:net'
import type { ScriptedDisk, SenseTriple } from './disk.ts'
import { type Digests, type Pdu, pduBytes, takePdu } from './framing.ts'
import { type LoginRules, TargetLogin } from './login.ts'

/** Kinds of requests that a script can wait for. */
export type RequestKind =
  | 'login'
  | 'ping'
  | 'pong'
  | 'data-out'
  | 'logout'
  | 'text'
  | 'test-unit-ready'
  | 'inquiry'
  | 'report-luns'
  | 'capacity'
  | 'read'
  | 'write'
  | 'flush'
  | 'unmap'
  | 'other'

/** What the connection asks of its target. */
export interface TargetSide {
  readonly rules: LoginRules
  readonly disk: ScriptedDisk
  /** Commands that may be outstanding. */
  readonly window: number
  readonly firstStatus: number
  readonly portal: () => string
  /** Tells of every request, in order. True: a script has dealt with it. */
  readonly seen: (kind: RequestKind, pdu: Pdu, connection: TargetConnection) => boolean
  /** A normal session has begun; older ones of the same identity end. */
  readonly begun: (connection: TargetConnection) => void
}

interface PendingWrite {
  readonly pdu: Pdu
  readonly data: Buffer
  received: number
  asked: number
  transfers: number
}

const kindsByCommand: Readonly<Record<number, RequestKind>> = {
  0: 'test-unit-ready',
  18: 'inquiry',
  160: 'report-luns',
  158: 'capacity',
  136: 'read',
  138: 'write',
  145: 'flush',
  53: 'flush',
  66: 'unmap',
}

function kindOf({ header }: Pdu): RequestKind {
  const code = header.readUInt8(0) & 0x3f
  if (code === 0x00) return header.readUInt32BE(16) === 0xffff_ffff ? 'pong' : 'ping'
  if (code === 0x01) return kindsByCommand[header.readUInt8(32)] ?? 'other'
  return ({ 3: 'login', 4: 'text', 5: 'data-out', 6: 'logout' } as Record<number, RequestKind>)[code] ?? 'other'
}

/** A connection. Its public methods are for scripts. */
export class TargetConnection {
  /** Initiator's name and ISID: two with one identity are one session. */
  identity = ''
  /** What the next command fails with, before it is looked at. */
  attention: SenseTriple | null = [6, 0x29, 0]
  readonly digests: Digests = { header: false, data: false }
  readonly #socket: Socket
  readonly #target: TargetSide
  readonly #login: TargetLogin
  readonly #writes = new Map<number, PendingWrite>()
  #input: Buffer = Buffer.alloc(0)
  #status: number
  #expectedCommand = 0
  #pending = 0

  /** @param problem - told when the initiator breaks a rule; the connection is cut then */
  constructor(socket: Socket, target: TargetSide, problem: (error: unknown) => void) {
    this.#socket = socket
    this.#target = target
    this.#status = target.firstStatus
    this.#login = new TargetLogin(target.rules)
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#arrived(chunk)
      } catch (error) {
        problem(error)
        this.drop()
      }
    })
    socket.on('error', () => {})
  }

  /** What the login agreed on. */
  get terms(): Readonly<Record<string, string>> {
    return this.#login.terms
  }

  /** Cuts it. */
  drop(): void {
    this.#socket.destroy()
  }

  /** Puts bytes on the wire as they are. */
  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Sends a PDU, with the numbers that are due. `answers`: it uses up a StatSN. */
  send(code: number, fill: (header: Buffer) => void, data: Uint8Array = Buffer.alloc(0), answers = true): void {
    this.raw(pduBytes(this.#header(code, fill, answers), data, this.digests))
  }

  /** Ends a command with a status. */
  status(pdu: Pdu, status: number, sense: SenseTriple | null = null): void {
    this.#pending -= 1
    const block = Buffer.alloc(sense === null ? 0 : 20)
    if (sense !== null) {
      block.writeUInt16BE(18)
      block.set([0x70, 0, sense[0], 0, 0, 0, 0, 10], 2)
      block.set([sense[1], sense[2]], 14)
    }
    const fill = (header: Buffer): void => {
      header[3] = status
      header.set(pdu.header.subarray(16, 20), 16)
    }
    this.send(0x21, fill, block)
  }

  /** Sends a part of what a read command gets. @param last - ends it with GOOD */
  dataIn(pdu: Pdu, number: number, offset: number, data: Uint8Array, last: boolean): void {
    if (last) this.#pending -= 1
    const missing = pdu.header.readUInt32BE(20) - offset - data.length
    const fill = (header: Buffer): void => {
      header[1] = last ? 0x81 | (missing > 0 ? 0x02 : 0) : 0
      header.writeUInt32BE(last ? Math.max(0, missing) : 0, 44)
      header.set(pdu.header.subarray(16, 20), 16)
      header.writeUInt32BE(0xffff_ffff, 20)
      header.writeUInt32BE(number, 36)
      header.writeUInt32BE(offset, 40)
    }
    this.send(0x25, fill, data, last)
  }

  /** Asks for data of a write command. */
  askForData(pdu: Pdu, number: number, offset: number, length: number): void {
    const fill = (header: Buffer): void => {
      header.set(pdu.header.subarray(8, 20), 8)
      header.writeUInt32BE(0x1000 + number, 20)
      header.writeUInt32BE(number, 36)
      header.writeUInt32BE(offset, 40)
      header.writeUInt32BE(length, 44)
    }
    this.send(0x31, fill, undefined, false)
  }

  /** Asks for a sign of life. */
  askForLife(): void {
    const fill = (header: Buffer): void => {
      header.writeUInt32BE(0xffff_ffff, 16)
      header.writeUInt32BE(0x77, 20)
    }
    this.send(0x20, fill, undefined, false)
  }

  /** Sends an asynchronous message. */
  event(code: number, waitSeconds: number, withinSeconds = 0): void {
    const fill = (header: Buffer): void => {
      header.writeUInt32BE(0xffff_ffff, 16)
      header[36] = code
      header.writeUInt16BE(waitSeconds, 40)
      header.writeUInt16BE(withinSeconds, 42)
    }
    this.send(0x32, fill)
  }

  /** Rejects a PDU. */
  reject(pdu: Pdu, reason: number): void {
    this.#pending -= 1
    const fill = (header: Buffer): void => {
      header[2] = reason
      header.writeUInt32BE(0xffff_ffff, 16)
    }
    this.send(0x3f, fill, pdu.header)
  }

  /** Answers a login with a status, and nothing else. */
  loginStatus(pdu: Pdu, status: number, keys: Readonly<Record<string, string>> = {}): void {
    this.#loginResponse(pdu, { status, stage: (pdu.header.readUInt8(1) >>> 2) & 3, next: null, keys })
  }

  /** Carries out a request as if no script had come between. */
  handle(pdu: Pdu): void {
    const kind = kindOf(pdu)
    switch (kind) {
      case 'login':
        this.#handleLogin(pdu)
        break
      case 'ping':
        this.send(0x20, (header) => {
          header.set(pdu.header.subarray(16, 20), 16)
          header.writeUInt32BE(0xffff_ffff, 20)
        })
        break
      case 'pong':
        break
      case 'text':
        this.#text(pdu)
        break
      case 'logout':
        this.send(0x26, (header) => void header.set(pdu.header.subarray(16, 20), 16))
        this.#socket.end()
        break
      case 'data-out':
        this.#dataOut(pdu)
        break
      default:
        this.#command(pdu)
    }
  }

  #header(code: number, fill: (header: Buffer) => void, answers: boolean): Buffer {
    const header = Buffer.alloc(48)
    header[0] = code
    header[1] = 0x80
    fill(header)
    header.writeUInt32BE(this.#status, 24)
    if (answers) this.#status = (this.#status + 1) >>> 0
    header.writeUInt32BE(this.#expectedCommand, 28)
    header.writeUInt32BE((this.#expectedCommand + this.#target.window - this.#pending - 1) >>> 0, 32)
    return header
  }

  #arrived(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk])
    for (;;) {
      const taken = takePdu(this.#input, this.digests)
      if (taken === null) return
      this.#input = taken.rest
      const { pdu } = taken
      const kind = kindOf(pdu)
      if (kind === 'login') this.#expectedCommand = pdu.header.readUInt32BE(24)
      else if (kind !== 'data-out' && (pdu.header.readUInt8(0) & 0x40) === 0) {
        if (pdu.header.readUInt32BE(24) !== this.#expectedCommand) throw new Error('the initiator skipped a CmdSN')
        this.#expectedCommand = (this.#expectedCommand + 1) >>> 0
      }
      if ((pdu.header.readUInt8(0) & 0x3f) === 1) this.#pending += 1
      if (this.#pending > this.#target.window)
        throw new Error('the initiator sent more commands than the window allows')
      if (!this.#target.seen(kind, pdu, this)) this.handle(pdu)
    }
  }

  #handleLogin(pdu: Pdu): void {
    const flags = pdu.header.readUInt8(1)
    const keys = Object.fromEntries(
      pdu.data
        .toString('utf8')
        .split('\0')
        .filter(Boolean)
        .map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
    )
    const answer = this.#login.answer((flags >>> 2) & 3, flags & 0x80 ? flags & 3 : null, keys)
    this.#loginResponse(pdu, answer)
    if (answer.status !== 0) {
      this.#socket.end()
      return
    }
    if (answer.next !== 3) return
    this.digests.header = this.terms['HeaderDigest'] === 'CRC32C'
    this.digests.data = this.terms['DataDigest'] === 'CRC32C'
    this.identity = `${this.terms['InitiatorName']} ${pdu.header.toString('hex', 8, 14)}`
    if (this.terms['SessionType'] === 'Normal') this.#target.begun(this)
  }

  #loginResponse(pdu: Pdu, { status, stage, next, keys }: ReturnType<TargetLogin['answer']>): void {
    const text = Object.entries(keys).map(([key, value]) => `${key}=${value}\0`)
    const fill = (header: Buffer): void => {
      header[1] = (stage << 2) | (next === null ? 0 : 0x80 | next)
      header.set(pdu.header.subarray(8, 14), 8)
      header.writeUInt16BE(next === 3 ? 1 : 0, 14)
      header.set(pdu.header.subarray(16, 20), 16)
      header.writeUInt16BE(status, 36)
    }
    this.send(0x23, fill, Buffer.from(text.join('')))
  }

  #text(pdu: Pdu): void {
    const lines = [`TargetName=${this.#target.rules.name}`, `TargetAddress=${this.#target.portal()},1`]
    const fill = (header: Buffer): void => {
      header.set(pdu.header.subarray(16, 20), 16)
      header.writeUInt32BE(0xffff_ffff, 20)
    }
    this.send(0x24, fill, Buffer.from(lines.map((line) => `${line}\0`).join('')))
  }

  #command(pdu: Pdu): void {
    const { header } = pdu
    const lun = header.readUInt16BE(8) & 0x3fff
    const cdb = header.subarray(32, 48)
    if (this.attention !== null && ![0x12, 0xa0].includes(cdb.readUInt8(0))) {
      const sense = this.attention
      this.attention = null
      this.status(pdu, 2, sense)
      return
    }
    if (header.readUInt8(1) & 0x20) {
      const write = { pdu, data: Buffer.alloc(header.readUInt32BE(20)), received: 0, asked: 0, transfers: 0 }
      this.#writes.set(header.readUInt32BE(16), write)
      pdu.data.copy(write.data)
      write.received = pdu.data.length
      write.asked = write.received
      // Without F more comes unasked.
      if (header.readUInt8(1) & 0x80) this.#goOn(write)
      return
    }
    const outcome = this.#target.disk.answer(cdb, lun)
    if ('sense' in outcome) this.status(pdu, 2, outcome.sense)
    else this.#sendData(pdu, outcome.data)
  }

  #sendData(pdu: Pdu, data: Buffer): void {
    if (data.length === 0) {
      this.status(pdu, 0)
      return
    }
    const pieceBytes = Number(this.terms['MaxRecvDataSegmentLength'])
    for (let at = 0, number = 0; at < data.length; at += pieceBytes, number += 1)
      this.dataIn(pdu, number, at, data.subarray(at, at + pieceBytes), at + pieceBytes >= data.length)
  }

  #dataOut(pdu: Pdu): void {
    const write = this.#writes.get(pdu.header.readUInt32BE(16))
    if (write === undefined) return
    pdu.data.copy(write.data, pdu.header.readUInt32BE(40))
    write.received += pdu.data.length
    write.asked = Math.max(write.asked, write.received)
    if (pdu.header.readUInt8(1) & 0x80) this.#goOn(write)
  }

  /** Asks for what is missing, up to the agreed number of requests, or carries the command out. */
  #goOn(write: PendingWrite): void {
    const total = write.data.length
    if (write.received === total) {
      this.#writes.delete(write.pdu.header.readUInt32BE(16))
      const sense = this.#target.disk.take(write.pdu.header.subarray(32, 48), write.data)
      this.status(write.pdu, sense === null ? 0 : 2, sense)
      return
    }
    const burst = Number(this.terms['MaxBurstLength'] ?? 262_144)
    const most = Number(this.terms['MaxOutstandingR2T'] ?? 1)
    while (write.asked < total && write.asked - write.received < burst * most) {
      const length = Math.min(burst, total - write.asked)
      this.askForData(write.pdu, write.transfers, write.asked, length)
      write.transfers += 1
      write.asked += length
    }
  }
}
