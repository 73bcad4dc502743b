import type { Output } from './io.ts'
import { humanSize } from './output.ts'

const BAR_WIDTH = 30
const REDRAW_MS = 100

/**
 * Shows how far a transfer is, on one line that is drawn over and over.
 *
 * With a known size: bar, per cent, bytes, rate and time left; without: bytes and rate. Silent unless `output` is a
 * terminal. Belongs on stderr, because stdout carries results.
 */
export class Progress {
  readonly #output: Output | null
  readonly #now: () => number
  readonly #start: number
  #drawnAt = Number.NEGATIVE_INFINITY
  #drawn = ''
  #last: readonly [bytes: number, total: number | null] = [0, null]

  /** `now` gives milliseconds. */
  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output.isTTY === true ? output : null
    this.#now = now
    this.#start = now()
  }

  /** To be called as often as there is news; draws ten times a second at most. */
  update(bytes: number, total: number | null): void {
    this.#last = [bytes, total]
    if (this.#now() - this.#drawnAt >= REDRAW_MS) this.#draw()
  }

  /** Draws the last state and leaves the line. Nothing when nothing ever came. */
  finish(): void {
    if (this.#output === null || this.#drawn === '') return
    this.#draw()
    this.#output.write('\n')
  }

  #draw(): void {
    if (this.#output === null) return
    const [bytes, total] = this.#last
    const now = this.#now()
    const line = progressLine(bytes, total, now - this.#start).slice(0, (this.#output.columns ?? 80) - 1)
    this.#output.write(`\r${line.padEnd(this.#drawn.length)}`)
    this.#drawnAt = now
    this.#drawn = line
  }
}

/** The line after `elapsedMs` milliseconds. */
export function progressLine(bytes: number, total: number | null, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (bytes / elapsedMs) * 1000 : 0
  const speed = `${humanSize(rate)}/s`
  if (total === null) return `${humanSize(bytes)}  ${speed}`
  const share = total === 0 ? 1 : Math.min(bytes / total, 1)
  const filled = Math.floor(share * BAR_WIDTH)
  const bar = '='.repeat(filled) + (filled < BAR_WIDTH ? '>' : '')
  const percent = `${Math.floor(share * 100)}%`.padStart(4)
  const left = bytes >= total || rate === 0 ? '' : `  ${clock((total - bytes) / rate)} left`
  return `[${bar.padEnd(BAR_WIDTH)}] ${percent}  ${humanSize(bytes)} of ${humanSize(total)}  ${speed}${left}`
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
