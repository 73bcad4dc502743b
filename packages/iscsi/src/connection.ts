/**
 * One connection in full feature phase, which at error recovery level 0 is one session: it carries commands until it breaks.
 *
 * Whatever breaks it (the socket, silence, a command without an answer, a broken rule) ends all its commands with one error, which stays as
 * `failure`. To try again is the business of whoever made it.
 */

import { CommandWindow } from './command-window.ts'
import { DataOutQueue, firstBurst } from './data-out.ts'
import { abortedError, IscsiError } from './errors.ts'
import { KeepAlive } from './keep-alive.ts'
import type { Agreement } from './negotiation.ts'
import type { ResolvedSessionOptions } from './options.ts'
import { field, logoutRequest, noTag, opcode, opcodeOf, ping, pong, scsiCommand, textRequest } from './pdu.ts'
import { advance } from './serial.ts'
import { type ScsiAnswer, type ScsiRequest, Task } from './task.ts'
import type { Wire, WireUser } from './wire.ts'

/** Limits of waiting, in milliseconds. */
export type ConnectionLimits = Pick<
  ResolvedSessionOptions,
  'commandTimeoutMs' | 'keepAliveMs' | 'keepAliveTimeoutMs' | 'abortGraceMs'
>

/** Longest wait for the answer to a logout. */
const logoutTimeoutMs = 3_000
/** Most text that a target may answer: a list of some thousand targets. */
const maxText = 4 * 1024 * 1024

/** What a login leads to. */
export interface LoginResult {
  readonly agreement: Agreement
  readonly firstCommand: number
  readonly firstStatus: number
  /** Of the target's last answer. */
  readonly expectedCommand: number
  readonly maxCommand: number
}

type Collector = {
  text: Buffer
  readonly resolve: (text: Buffer) => void
  readonly reject: (error: IscsiError) => void
}

/** A connection. */
export class Connection implements WireUser {
  /** Where it leads, `host:port`. */
  readonly portal: string
  readonly #wire: Wire
  readonly #agreement: Agreement
  readonly #limits: ConnectionLimits
  readonly #window: CommandWindow
  readonly #data: DataOutQueue
  readonly #keepAlive: KeepAlive
  readonly #tasks = new Map<number, Task>()
  readonly #texts = new Map<number, Collector>()
  readonly #ended = Promise.withResolvers<void>()
  readonly #loggedOut = Promise.withResolvers<void>()
  /** Commands that the window has no room for yet. */
  #waiting: Task[] = []
  #lastTag = 0
  #failure: IscsiError | null = null
  #leaving = false
  #logoutSent = false
  #timeToWait: number

  /** Takes over a wire whose login is done. */
  constructor(wire: Wire, portal: string, login: LoginResult, limits: ConnectionLimits) {
    this.portal = portal
    this.#wire = wire
    this.#agreement = login.agreement
    this.#timeToWait = login.agreement.timeToWait
    this.#limits = limits
    this.#window = new CommandWindow(login.firstCommand, login.firstStatus)
    this.#window.update(login.expectedCommand, login.maxCommand)
    this.#data = new DataOutQueue(wire, login.agreement, () => this.#window.expectedStatus)
    this.#keepAlive = new KeepAlive({
      afterMs: limits.keepAliveMs,
      timeoutMs: limits.keepAliveTimeoutMs,
      progress: () => wire.bytesRead,
      ask: () => wire.send(ping(this.#newTag(), this.#numbers())),
      dead: () => this.destroy(new IscsiError('TIMEOUT', `${portal} gives no sign of life`)),
    })
    wire.use(this)
  }

  /** Why it ended, or null while it lives. */
  get failure(): IscsiError | null {
    return this.#failure
  }

  /** Whether it still takes commands: it lives, and the target has not asked us to go. */
  get usable(): boolean {
    return this.#failure === null && !this.#leaving
  }

  /** Fulfilled when it has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Seconds to wait before the next connection, as the target wishes. */
  get timeToWait(): number {
    return this.#timeToWait
  }

  /**
   * Carries a command to its answer, whatever its status.
   *
   * An abort waits for the answer a while; then the connection is given up, so that the memory of the command is free in any case when the promise settles.
   * @throws IscsiError `failure` when the connection ended before · ABORTED or TIMEOUT by the signal · BUSY when the target had no room for the command
   */
  async execute(request: ScsiRequest, signal: AbortSignal): Promise<ScsiAnswer> {
    if (signal.aborted) throw abortedError(signal, 'the command')
    if (this.#failure !== null) throw this.#failure
    const task = new Task(this.#newTag(), request)
    const { commandTimeoutMs, abortGraceMs } = this.#limits
    const timeoutMs = request.timeoutMs ?? commandTimeoutMs
    const late = (): void => {
      // What came while this process was busy itself is read first.
      setImmediate(() => {
        if (!task.ended) this.destroy(new IscsiError('TIMEOUT', `a command was not answered in ${timeoutMs} ms`))
      })
    }
    let timer = setTimeout(late, timeoutMs)
    const abort = (): void => {
      const queued = this.#waiting.indexOf(task)
      if (queued >= 0) {
        this.#waiting.splice(queued, 1)
        task.fail(abortedError(signal, 'the command'))
        return
      }
      clearTimeout(timer)
      const giveUp = (): void =>
        this.destroy(new IscsiError('CONNECTION_LOST', 'given up with a command that was aborted'))
      timer = setTimeout(giveUp, abortGraceMs)
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#waiting.push(task)
    this.#sendWaiting()
    try {
      const answer = await task.answer
      if (signal.aborted) throw abortedError(signal, 'the command')
      return answer
    } catch (error) {
      throw signal.aborted ? abortedError(signal, 'the command') : error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      this.#tasks.delete(task.tag)
      this.#leaveWhenIdle()
    }
  }

  /** Asks a question by text, and collects all of the answer. @throws IscsiError `failure` | PROTOCOL */
  async text(question: Buffer): Promise<Buffer> {
    if (this.#failure !== null) throw this.#failure
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const tag = this.#newTag()
    this.#texts.set(tag, { text: Buffer.alloc(0), resolve, reject })
    this.#wire.send(textRequest(tag, noTag, { ...this.#numbers(), command: this.#window.take() }), question)
    return promise.finally(() => this.#texts.delete(tag))
  }

  /** Logs out and closes. Commands under way end with `reason`. Never rejects. */
  async logout(reason: IscsiError): Promise<void> {
    if (this.#failure !== null) return
    this.#leaving = true
    if (!this.#logoutSent) this.#wire.send(logoutRequest(this.#newTag(), this.#numbers()))
    this.#logoutSent = true
    const timer = setTimeout(() => this.destroy(reason), logoutTimeoutMs)
    await Promise.race([this.#loggedOut.promise, this.#ended.promise])
    clearTimeout(timer)
    this.destroy(reason)
  }

  /** Ends it at once. Safe to call again; the first error counts. */
  destroy(error: IscsiError): void {
    this.#wire.destroy(error)
  }

  placeFor(header: Buffer, length: number): Uint8Array | null {
    if (opcodeOf(header) !== opcode.dataIn) return null
    return this.#taskOf(header).placeFor(header, length)
  }

  received(header: Buffer, data: Uint8Array): void {
    if (this.#failure !== null) return
    this.#keepAlive.sign()
    const kind = opcodeOf(header)
    const handle = this.#handlers[kind]
    if (handle === undefined) throw new IscsiError('PROTOCOL', `the target sent a PDU of kind 0x${kind.toString(16)}`)
    handle(header, data)
    this.#window.update(header.readUInt32BE(field.expectedCommand), header.readUInt32BE(field.maxCommand))
    this.#sendWaiting()
  }

  drained(): void {
    this.#data.pump()
  }

  closed(error: IscsiError): void {
    this.#failure = error
    this.#keepAlive.stop()
    for (const task of [...this.#tasks.values(), ...this.#waiting]) if (!task.ended) task.fail(error)
    for (const { reject } of this.#texts.values()) reject(error)
    this.#waiting = []
    this.#ended.resolve()
  }

  readonly #handlers: Readonly<Record<number, (header: Buffer, data: Uint8Array) => void>> = {
    [opcode.dataIn]: (header, data) => {
      const task = this.#taskOf(header)
      task.dataArrived(data.length)
      if ((header.readUInt8(field.flags) & 0x01) === 0) return
      this.#answered(header)
      task.finish(header, data)
    },
    [opcode.scsiResponse]: (header, data) => {
      this.#answered(header)
      this.#taskOf(header).finish(header, data)
    },
    [opcode.readyToTransfer]: (header) => {
      const task = this.#taskOf(header)
      const { offset, length } = task.requested(header)
      this.#data.solicited(task, header.readUInt32BE(field.transferTag), offset, length)
    },
    [opcode.nopIn]: (header) => {
      const asks = header.readUInt32BE(field.transferTag) !== noTag
      // An answer to our ping has our tag and counts; a question has none and does not. Whatever came, it was a sign of life.
      if (header.readUInt32BE(field.taskTag) !== noTag) this.#answered(header)
      else if (asks) this.#wire.send(pong(header, this.#numbers()))
    },
    [opcode.textResponse]: (header, data) => {
      this.#answered(header)
      this.#collect(header, data)
    },
    [opcode.logoutResponse]: (header) => {
      this.#answered(header)
      this.#timeToWait = header.readUInt16BE(40)
      this.#loggedOut.resolve()
    },
    [opcode.asyncMessage]: (header) => {
      this.#answered(header)
      this.#event(header)
    },
    [opcode.reject]: (header, data) => {
      this.#answered(header)
      this.#rejected(header.readUInt8(2), data)
    },
  }

  #taskOf(header: Buffer): Task {
    const tag = header.readUInt32BE(field.taskTag)
    const task = this.#tasks.get(tag)
    if (task === undefined || task.ended)
      throw new IscsiError('PROTOCOL', `the target speaks of a command ${tag} that there is not`)
    return task
  }

  #answered(header: Buffer): void {
    this.#window.answered(header.readUInt32BE(field.statusNumber))
  }

  #numbers(): { readonly command: number; readonly status: number } {
    return { command: this.#window.next, status: this.#window.expectedStatus }
  }

  #newTag(): number {
    do this.#lastTag = advance(this.#lastTag)
    while (this.#lastTag === noTag || this.#tasks.has(this.#lastTag))
    return this.#lastTag
  }

  #sendWaiting(): void {
    while (this.#waiting.length > 0 && this.#window.open && this.#failure === null) {
      const task = this.#waiting.shift()
      if (task !== undefined) this.#sendCommand(task)
    }
  }

  #sendCommand(task: Task): void {
    const { lun, cdb, read, write } = task.request
    this.#tasks.set(task.tag, task)
    const { immediate, unsolicited } = firstBurst(this.#agreement, write?.length ?? 0)
    const header = scsiCommand({
      tag: task.tag,
      lun,
      cdb,
      direction: read !== undefined ? 'read' : write !== undefined ? 'write' : 'none',
      length: (read ?? write)?.length ?? 0,
      more: unsolicited > 0,
      status: this.#window.expectedStatus,
      command: this.#window.take(),
    })
    task.sentUnasked = immediate + unsolicited
    this.#wire.send(header, write?.subarray(0, immediate))
    if (unsolicited > 0) this.#data.unsolicited(task, immediate, unsolicited)
  }

  #collect(header: Buffer, data: Uint8Array): void {
    const tag = header.readUInt32BE(field.taskTag)
    const collector = this.#texts.get(tag)
    if (collector === undefined) throw new IscsiError('PROTOCOL', 'the target answers a question that nobody asked')
    collector.text = Buffer.concat([collector.text, data])
    if (collector.text.length > maxText) throw new IscsiError('PROTOCOL', 'the target sends too much text')
    const transferTag = header.readUInt32BE(field.transferTag)
    if (transferTag === noTag) collector.resolve(collector.text)
    else this.#wire.send(textRequest(tag, transferTag, { ...this.#numbers(), command: this.#window.take() }))
  }

  /** What the target tells unasked (RFC 7143, 11.9). SCSI events come as unit attentions as well. */
  #event(header: Buffer): void {
    const event = header.readUInt8(36)
    if (event === 2 || event === 3) this.#timeToWait = header.readUInt16BE(40)
    // New terms are asked for by 4. They come with a new login, which RFC 7143 allows in their place.
    if (event !== 1 && event !== 4) return
    this.#leaving = true
    const seconds = header.readUInt16BE(42)
    const goNow = (): void => void this.logout(new IscsiError('CONNECTION_LOST', 'the target asked us to log out'))
    const timer = setTimeout(goNow, Math.min(seconds, 60) * 1000)
    void this.#ended.promise.then(() => clearTimeout(timer))
    this.#leaveWhenIdle()
  }

  #leaveWhenIdle(): void {
    if (
      !this.#leaving ||
      this.#logoutSent ||
      this.#failure !== null ||
      this.#tasks.size > 0 ||
      this.#waiting.length > 0
    )
      return
    void this.logout(new IscsiError('CONNECTION_LOST', 'the target asked us to log out'))
  }

  /** Reasons 6 and 10: no room for it now. All others mean that the two sides do not understand each other any more. */
  #rejected(reason: number, data: Uint8Array): void {
    const refused = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    const task = refused.length >= 48 ? this.#tasks.get(refused.readUInt32BE(field.taskTag)) : undefined
    if ((reason !== 6 && reason !== 10) || task === undefined || task.ended)
      throw new IscsiError('PROTOCOL', `the target rejected a PDU (reason ${reason})`)
    task.fail(new IscsiError('BUSY', 'the target has no room for the command'))
  }
}
