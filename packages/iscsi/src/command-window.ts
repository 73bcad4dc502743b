/**
 * The numbers that order a session (RFC 7143, 4.2.2): commands are numbered by CmdSN, and the target says up to which number it
 * takes them (MaxCmdSN); answers are numbered by StatSN, and we say with each PDU which one we expect next.
 */
import { IscsiError } from './errors.ts'
import { advance, isBefore } from './serial.ts'

/** The numbers of one session. */
export class CommandWindow {
  #next: number
  #expected: number
  #max: number
  #status: number

  /** @param first - CmdSN of the next command · @param status - StatSN of the next answer */
  constructor(first: number, status: number) {
    this.#next = first
    this.#expected = first
    this.#max = advance(first, -1)
    this.#status = status
  }

  /** CmdSN of the next command; immediate commands carry it without using it up. */
  get next(): number {
    return this.#next
  }

  /** ExpStatSN: goes along with everything we send. */
  get expectedStatus(): number {
    return this.#status
  }

  /** Whether the target takes one more command. */
  get open(): boolean {
    return !isBefore(this.#max, this.#next)
  }

  /** Uses up a number. */
  take(): number {
    const taken = this.#next
    this.#next = advance(taken)
    return taken
  }

  /** Takes over what a PDU of the target says. Answers may overtake each other inside it, so old news is no error. */
  update(expected: number, max: number): void {
    if (isBefore(max, advance(expected, -1))) return
    if (isBefore(this.#expected, expected)) this.#expected = expected
    if (isBefore(this.#max, max)) this.#max = max
  }

  /** Counts an answer. @throws IscsiError PROTOCOL when it is not the next: one is lost, and nothing here could ask for it again */
  answered(status: number): void {
    if (status !== this.#status) throw new IscsiError('PROTOCOL', `answer ${status} came where ${this.#status} was due`)
    this.#status = advance(status)
  }
}
