import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startScriptedTarget } from '../../../test/support/iscsi-target/scripted-target.ts'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { startTgt, type TgtProcess, type TgtTarget, type TgtTargetOptions } from '../../../test/support/tgt-process.ts'
import { discoverTargets, IscsiSession, type SessionOptions } from '../src/index.ts'
import { initiatorName, optionsFor, pattern } from './support/sessions.ts'

const run = promisify(execFile)
const mib = 1024 * 1024
const account = { user: 'me', secret: 'secret-of-mine' }
const targetChap = { user: 'you', secret: 'secret-of-yours' }

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'against tgt', () => {
  let tgt: TgtProcess
  let folder: string
  let made = 0

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'iscsi-test-'))
    tgt = await startTgt()
  })
  afterAll(async () => {
    await tgt[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  async function aTarget(options: Partial<TgtTargetOptions> = {}): Promise<TgtTarget> {
    made += 1
    return tgt.addTarget(`iqn.2020-01.test:disk-${made}`, { size: 8 * mib, ...options })
  }

  async function aSession(target: TgtTarget, more: Partial<SessionOptions> = {}): Promise<IscsiSession> {
    const session = await IscsiSession.open(optionsFor({ portal: tgt.portal, name: target.name }, more))
    onTestFinished(() => session.close())
    return session
  }

  it('finds the targets that libiscsi finds', async () => {
    const target = await aTarget()

    const found = await discoverTargets({ portals: [tgt.portal], initiatorName })

    expect(found).toContainEqual({ target: target.name, portals: [tgt.portal] })
    const { stdout } = await run('iscsi-ls', [`iscsi://${tgt.portal}`])
    expect(found.map((it) => it.target).toSorted()).toEqual(
      [...stdout.matchAll(/Target:(\S+)/g)].map(([, name]) => name).toSorted(),
    )
  })

  it('sees the disk that libiscsi sees', async () => {
    const target = await aTarget()
    const session = await aSession(target)

    const inquiry = (await run('iscsi-inq', [target.url])).stdout
    const serial = (await run('iscsi-inq', ['-e', '1', '-c', '128', target.url])).stdout
    const capacity = (await run('iscsi-readcapacity16', [target.url])).stdout

    expect(session.lun).toBe(1)
    expect(await session.reportLuns()).toEqual([0, 1])
    expect(await session.inquiry()).toMatchObject({
      vendor: /Vendor:(.*)/.exec(inquiry)?.[1]?.trim(),
      product: /Product:(.*)/.exec(inquiry)?.[1]?.trim(),
      revision: /Revision:(.*)/.exec(inquiry)?.[1]?.trim(),
    })
    expect(serial).toContain(await session.serialNumber())
    expect(session.capacity).toMatchObject({
      blocks: Number(/Returned Logical Block Address:\s*(\d+)/i.exec(capacity)?.[1]) + 1,
      blockSize: Number(/Logical Block length in bytes:\s*(\d+)/i.exec(capacity)?.[1]),
      thin: true,
    })
  })

  it('writes what qemu reads, and reads what qemu writes', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    const [ours, theirs] = [pattern(8 * mib, 1), pattern(8 * mib, 2)]

    await session.write(0, ours)
    await session.flush()
    const read = join(folder, 'read.img')
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'raw', target.url, read])
    expect(readFileSync(read).equals(ours)).toBe(true)

    const source = join(folder, 'write.img')
    writeFileSync(source, theirs)
    await run('qemu-img', ['convert', '-n', '-f', 'raw', '-O', 'raw', source, target.url])
    const back = Buffer.alloc(8 * mib)
    await session.read(0, back)
    expect(back.equals(theirs)).toBe(true)
  })

  it.each([
    {},
    { InitialR2T: 'No' },
    { ImmediateData: 'No' },
    { InitialR2T: 'No', ImmediateData: 'No' },
    { MaxBurstLength: '4096', FirstBurstLength: '512', MaxRecvDataSegmentLength: '512' },
    { MaxBurstLength: '16384', FirstBurstLength: '8192', MaxRecvDataSegmentLength: '8192', InitialR2T: 'No' },
    { MaxOutstandingR2T: '8', MaxBurstLength: '65536' },
    { MaxQueueCmd: '1' },
    { HeaderDigest: 'CRC32C', DataDigest: 'None' },
    { HeaderDigest: 'CRC32C,None', DataDigest: 'CRC32C,None', InitialR2T: 'No' },
  ])('moves the same bytes with %o', async (parameters) => {
    const target = await aTarget({ parameters })
    const session = await aSession(target, {
      headerDigest: 'prefer',
      dataDigest: 'prefer',
      commandBytes: 300 * 1024,
      queueDepth: 6,
    })
    const data = pattern(2 * mib)

    await session.write(mib, data)
    await session.flush()
    const back = Buffer.alloc(data.length)
    await session.read(mib, back)

    expect(
      readFileSync(target.file)
        .subarray(mib, 3 * mib)
        .equals(data),
    ).toBe(true)
    expect(back.equals(data)).toBe(true)
    expect(session.reconnects).toBe(0)
  })

  it('proves who it is, and has the target prove it', async () => {
    const target = await aTarget({ chap: account, targetChap })

    await aSession(target, { chap: account, targetChap })
    const wrong: readonly Partial<SessionOptions>[] = [
      {},
      { chap: { ...account, secret: 'another-secret' } },
      { chap: { ...account, user: 'them' } },
      { chap: account, targetChap: { ...targetChap, secret: 'another-secret' } },
    ]
    for (const more of wrong) await expect(aSession(target, more)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
  })

  it('says what is not there', async () => {
    const target = await aTarget()

    await expect(aSession({ ...target, name: 'iqn.2020-01.test:none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(aSession(target, { lun: 7 })).rejects.toMatchObject({ code: 'LUN_NOT_FOUND' })
    const session = await aSession(target)
    await expect(session.read(8 * mib, Buffer.alloc(512))).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
    const readOnly = await aSession(await aTarget({ unit: { readonly: '1' } }))
    await expect(readOnly.write(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'WRITE_PROTECTED' })
    await readOnly.read(0, Buffer.alloc(512))
  })

  it('sees a disk that has grown', async () => {
    const target = await aTarget()
    const session = await aSession(target)

    await target.resize(16 * mib)

    expect(await session.readCapacity()).toMatchObject({ bytes: 16 * mib })
    await session.write(15 * mib, pattern(mib))
    expect(
      readFileSync(target.file)
        .subarray(15 * mib)
        .equals(pattern(mib)),
    ).toBe(true)
  })

  it('gives space back', async () => {
    const target = await aTarget()
    const session = await aSession(target)
    await session.write(0, pattern(8 * mib))
    await session.flush()
    const full = statSync(target.file).blocks

    await session.unmap(0, 4 * mib)

    const back = Buffer.alloc(4 * mib, 1)
    await session.read(0, back)
    expect(back.equals(Buffer.alloc(4 * mib))).toBe(true)
    expect(statSync(target.file).blocks).toBeLessThan(full)
  })

  it('works with two sessions of one initiator on one disk', async () => {
    const target = await aTarget()
    const [first, second] = [await aSession(target), await aSession(target)]

    await Promise.all([first.write(0, pattern(mib, 1)), second.write(mib, pattern(mib, 2))])

    const back = Buffer.alloc(2 * mib)
    await first.read(0, back)
    expect(back.equals(Buffer.concat([pattern(mib, 1), pattern(mib, 2)]))).toBe(true)
    expect([first.reconnects, second.reconnects]).toEqual([0, 0])
  })

  it('goes on writing when the target cuts its connections', async () => {
    const target = await aTarget()
    const session = await aSession(target, { commandBytes: 64 * 1024, queueDepth: 2 })
    const data = pattern(mib)

    for (let at = 0; at < 8; at += 1) {
      const writing = session.write(at * mib, data)
      if (at % 3 === 1) expect(await target.cutConnections()).toBe(1)
      await writing
    }

    await session.flush()
    const back = Buffer.alloc(mib)
    for (let at = 0; at < 8; at += 1) {
      await session.read(at * mib, back)
      expect(back.equals(data)).toBe(true)
    }
    expect(session.reconnects).toBe(3)
  })

  it('goes on when the target has stood still', async () => {
    const target = await aTarget()
    const session = await aSession(target, { abortGraceMs: 100 })

    tgt.pause()
    try {
      await expect(session.read(0, Buffer.alloc(512), { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
        code: 'TIMEOUT',
      })
    } finally {
      tgt.resume()
    }

    await session.write(0, pattern(mib))
    expect(readFileSync(target.file).subarray(0, mib).equals(pattern(mib))).toBe(true)
  })

  it('fails at once when the target was removed', async () => {
    const target = await aTarget()
    const session = await aSession(target)

    await target.remove()

    await expect(session.read(0, Buffer.alloc(512))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('leaves neither sockets nor timers behind', async () => {
    const target = await aTarget()
    const kinds = ['TCPSocketWrap', 'TCPConnectWrap', 'Timeout']
    const open = (): number => process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind)).length
    const before = open()

    for (let time = 0; time < 50; time += 1) {
      const session = await IscsiSession.open(optionsFor({ portal: tgt.portal, name: target.name }))
      await session.read(0, Buffer.alloc(512))
      await session.close()
    }

    // A socket is gone a turn or two after it was closed.
    for (let turn = 0; turn < 1_000 && open() > before; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(open()).toBeLessThanOrEqual(before)
  })
})

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'the scripted target', () => {
  it('is a target to libiscsi and qemu as well', async () => {
    await using target = await startScriptedTarget({ size: 2 * mib, answers: { InitialR2T: 'No' } })
    const url = `iscsi://${target.portal}/${target.name}/0`
    target.disk.bytes.set(pattern(2 * mib))
    const folder = mkdtempSync(join(tmpdir(), 'iscsi-test-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

    const read = join(folder, 'read.img')
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'raw', url, read])
    expect(readFileSync(read).equals(pattern(2 * mib))).toBe(true)
    const tests = ['Read16.Simple', 'Write16.Simple', 'ReadCapacity16.Simple', 'Inquiry.EVPD', 'Unmap.Simple']
    for (const name of tests) {
      const { stdout } = await run('iscsi-test-cu', ['--dataloss', '-t', `SCSI.${name}`, url])
      expect(stdout, name).toMatch(/tests\s+1\s+1\s+1\s+0\s+0/)
    }
  })
})
