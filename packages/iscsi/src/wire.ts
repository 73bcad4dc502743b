/** One TCP connection to a portal, as PDUs. */
import { connect, type Socket } from 'node:net'
import { crcEnd, crcStart, crcUpdate } from './crc32c.ts'
import { abortedError, IscsiError } from './errors.ts'
import { maxReceiveBytes } from './negotiation.ts'
import { parsePortal } from './options.ts'
import { field } from './pdu.ts'
import { PduReader, type PduSink } from './pdu-reader.ts'

/** Takes the PDUs of a wire, and its end. */
export interface WireUser extends PduSink {
  /** The wire is gone; called once. */
  closed(error: IscsiError): void
  /** What was sent has left this process, after `send` answered false. */
  drained(): void
}

/** Bytes waiting to be sent from which on bulk data should wait: some milliseconds of a quick network, so that a ping need not wait longer. */
const highWaterMark = 4 * 1024 * 1024
/** Bytes waiting to be sent that no honest target makes us collect: answers to pings that it does not read. */
const sendLimit = 64 * 1024 * 1024

/** A connection. Until a user is set, nothing may arrive. */
export class Wire {
  readonly #socket: Socket
  readonly #reader: PduReader
  #user: WireUser | null = null
  #failure: IscsiError | null = null
  #headerDigest = false
  #dataDigest = false
  #corked = false

  private constructor(portal: string) {
    this.#reader = new PduReader(() => this.#expectUser(), maxReceiveBytes)
    const { host, port } = parsePortal(portal)
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      // Documented for streams, and handed on by net, but missing in the types of `connect`.
      ...({ writableHighWaterMark: highWaterMark } as object),
      onread: {
        buffer: () => this.#reader.room() as Buffer,
        callback: (count) => {
          this.#guard(() => this.#reader.arrived(count))
          return true
        },
      },
    })
    this.#socket.on('drain', () => this.#guard(() => this.#user?.drained()))
    this.#socket.on('error', (cause) =>
      this.destroy(new IscsiError('CONNECTION_LOST', `the connection to ${portal} broke`, { cause })),
    )
    this.#socket.on('end', () =>
      this.destroy(new IscsiError('CONNECTION_LOST', `the target closed the connection to ${portal}`)),
    )
    this.#socket.on('close', () =>
      this.destroy(new IscsiError('CONNECTION_LOST', `the connection to ${portal} was closed`)),
    )
  }

  /** Connects. @throws IscsiError UNAVAILABLE | TIMEOUT | ABORTED */
  static async open(portal: string, timeoutMs: number, signal: AbortSignal): Promise<Wire> {
    if (signal.aborted) throw abortedError(signal, `connecting to ${portal}`)
    const wire = new Wire(portal)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = (): void => reject(new IscsiError('TIMEOUT', `${portal} did not answer in ${timeoutMs} ms`))
    const timer = setTimeout(late, timeoutMs)
    const leave = (): void => reject(abortedError(signal, `connecting to ${portal}`))
    signal.addEventListener('abort', leave, { once: true })
    const failed = (cause: Error): void =>
      reject(new IscsiError('UNAVAILABLE', `${portal} cannot be reached`, { cause }))
    wire.#socket.once('connect', resolve).once('error', failed)
    try {
      await promise
      return wire
    } catch (error) {
      wire.#socket.destroy()
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      wire.#socket.removeListener('error', failed)
    }
  }

  /** Bytes that have come so far. */
  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /** Whether bulk data should wait for `drained`. */
  get congested(): boolean {
    return this.#socket.writableNeedDrain
  }

  /** Hands the wire to whoever takes its PDUs from now on. */
  use(user: WireUser): void {
    this.#user = user
    if (this.#failure !== null) user.closed(this.#failure)
  }

  /** Digests of all PDUs after this, both ways. */
  useDigests(header: boolean, data: boolean): void {
    this.#headerDigest = header
    this.#dataDigest = data
    this.#reader.useDigests(header, data)
  }

  /** Sends a PDU. Header and data are sent from where they lie, so they must not change before they are out. */
  send(header: Buffer, data?: Uint8Array): void {
    if (this.#failure !== null) return
    const length = data?.length ?? 0
    header.writeUIntBE(length, field.dataLength, 3)
    if (!this.#corked) {
      // What is sent in one turn of the event loop goes out in one system call.
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(header)
    if (this.#headerDigest) this.#socket.write(digest(crcUpdate(crcStart, header)))
    if (data !== undefined && length > 0) this.#sendData(data)
    if (this.#socket.writableLength > sendLimit)
      this.destroy(new IscsiError('PROTOCOL', 'the target does not read what we send'))
  }

  /** Closes it at once. Safe to call again; the first error counts. */
  destroy(error: IscsiError): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#socket.destroy()
    this.#user?.closed(error)
  }

  #sendData(data: Uint8Array): void {
    this.#socket.write(data)
    const padding = new Uint8Array(-data.length & 3)
    if (padding.length > 0) this.#socket.write(padding)
    if (this.#dataDigest) this.#socket.write(digest(crcUpdate(crcUpdate(crcStart, data), padding)))
  }

  #expectUser(): WireUser {
    if (this.#user === null) throw new IscsiError('PROTOCOL', 'the target spoke first')
    return this.#user
  }

  #guard(body: () => void): void {
    if (this.#failure !== null) return
    try {
      body()
    } catch (error) {
      this.destroy(
        error instanceof IscsiError
          ? error
          : new IscsiError('PROTOCOL', 'the target sent what cannot be read', { cause: error }),
      )
    }
  }
}

function digest(register: number): Buffer {
  const result = Buffer.allocUnsafe(4)
  result.writeUInt32LE(crcEnd(register))
  return result
}
