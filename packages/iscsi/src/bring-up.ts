/** What is asked of a target before its disk can be used: which unit it is, how large, and how to know it again. */
import { IscsiError } from './errors.ts'
import { runCommand, type Send } from './run-command.ts'
import {
  type BlockLimits,
  type Capacity,
  type Inquiry,
  inquiry,
  lunBytes,
  parseBlockLimits,
  parseCapacity,
  parseInquiry,
  parseLuns,
  type ReportedLun,
  readCapacity16,
  reportLuns,
  testUnitReady,
  vpdContent,
} from './scsi.ts'

/** How a question is put. */
export interface Asking {
  readonly send: Send
  readonly busyMs: number
  readonly signal: AbortSignal
}

/** Runs a command that answers with up to `bytes` bytes. */
async function answerOf(
  { send, busyMs, signal }: Asking,
  lun: Uint8Array,
  cdb: Uint8Array,
  bytes: number,
  what: string,
): Promise<Buffer> {
  const read = Buffer.alloc(bytes)
  return read.subarray(0, await runCommand(send, { lun, cdb, read }, { what, busyMs, signal }))
}

/** All logical units of the target. */
export async function askLuns(asking: Asking): Promise<readonly ReportedLun[]> {
  const ask = async (bytes: number): Promise<ReturnType<typeof parseLuns>> =>
    parseLuns(await answerOf(asking, lunBytes(0), reportLuns(bytes), bytes, 'REPORT LUNS'))
  const first = await ask(4_096)
  return first.total <= 4_096 ? first.luns : (await ask(Math.min(first.total, 16_384 * 8 + 8))).luns
}

/** Standard inquiry data. */
export async function askInquiry(asking: Asking, lun: Uint8Array): Promise<Inquiry> {
  return parseInquiry(await answerOf(asking, lun, inquiry(null, 96), 96, 'INQUIRY'))
}

/** The content of a page of vital product data. @throws IscsiError UNSUPPORTED */
export async function askVpd(asking: Asking, lun: Uint8Array, page: number): Promise<Buffer> {
  const what = `INQUIRY of page 0x${page.toString(16)}`
  const content = vpdContent(page, await answerOf(asking, lun, inquiry(page, 4_096), 4_096, what))
  if (content.length === 0) throw new IscsiError('UNSUPPORTED', `${what}: the unit answers something else`)
  return content
}

/** VPD page 0xB0. @throws IscsiError UNSUPPORTED */
export async function askBlockLimits(asking: Asking, lun: Uint8Array): Promise<BlockLimits> {
  return parseBlockLimits(Buffer.concat([Buffer.alloc(4), await askVpd(asking, lun, 0xb0)]))
}

/** The size. */
export async function askCapacity(asking: Asking, lun: Uint8Array): Promise<Capacity> {
  const capacity = parseCapacity(await answerOf(asking, lun, readCapacity16, 32, 'READ CAPACITY(16)'))
  if (capacity === null) throw new IscsiError('UNSUPPORTED', 'READ CAPACITY(16): the unit has no size that can be used')
  return capacity
}

/** Waits until the unit is ready, and takes what it has to say about itself (unit attentions). */
export async function waitUntilReady({ send, busyMs, signal }: Asking, lun: Uint8Array): Promise<void> {
  await runCommand(send, { lun, cdb: testUnitReady }, { what: 'TEST UNIT READY', busyMs, signal })
}

/** Finds the unit of that number, or the first disk. @throws IscsiError LUN_NOT_FOUND */
export async function findUnit(asking: Asking, wanted: number | undefined): Promise<ReportedLun> {
  if (wanted !== undefined) {
    const reported = (await askLuns(asking)).find(({ number }) => number === wanted)
    return reported ?? { number: wanted, bytes: lunBytes(wanted) }
  }
  for (const unit of await askLuns(asking)) {
    const { deviceType, qualifier } = await askInquiry(asking, unit.bytes)
    if (deviceType === 0 && qualifier === 0) return unit
  }
  throw new IscsiError('LUN_NOT_FOUND', 'the target has no disk')
}

/** What stays the same of a unit however often it is met: its names, else its serial number, else its model. */
export async function askIdentity(asking: Asking, lun: Uint8Array): Promise<string> {
  for (const page of [0x83, 0x80]) {
    const content = await optional(askVpd(asking, lun, page))
    if (content !== null) return `${page}:${page === 0x83 ? unitNames(content) : content.toString('hex')}`
  }
  return JSON.stringify(await askInquiry(asking, lun))
}

/** Those of page 0x83 that belong to the unit: names of ports differ from one portal to the next. */
function unitNames(content: Buffer): string {
  const names: string[] = []
  for (let at = 0; at + 4 <= content.length; at += 4 + (content[at + 3] ?? 0))
    if ((((content[at + 1] ?? 0) >>> 4) & 0x03) === 0)
      names.push(content.toString('hex', at, at + 4 + (content[at + 3] ?? 0)))
  return names.join()
}

/** The answer, or null when the unit does not know the question. */
export async function optional<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof IscsiError && error.code === 'UNSUPPORTED') return null
    throw error
  }
}
