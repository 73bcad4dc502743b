import { describe, expect, it } from 'vitest'
import {
  inquiry,
  lunBytes,
  parseBlockLimits,
  parseCapacity,
  parseDesignators,
  parseInquiry,
  parseLuns,
  transferBlocks,
  unmapParameter,
  vpdContent,
} from '../src/scsi.ts'

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')

describe('command blocks', () => {
  it('are laid out as SBC-3 and SPC-4 say', () => {
    expect(hex(transferBlocks('read', 0x1_0000_0002, 3))).toBe('88000000000100000002000000030000')
    expect(hex(transferBlocks('write', 1, 2))).toBe('8a000000000000000001000000020000')
    expect(hex(inquiry(0x83, 4_096))).toBe('120183100000')
    expect(hex(unmapParameter(5, 6))).toBe('001600100000000000000000000000050000000600000000')
  })

  it('name units in peripheral form, and above 255 in flat form', () => {
    expect(hex(lunBytes(7))).toBe('0007000000000000')
    expect(hex(lunBytes(300))).toBe('412c000000000000')
  })
})

describe('answers', () => {
  it('to REPORT LUNS are numbers, with the bytes by which a unit is addressed', () => {
    const data = Buffer.alloc(32)
    data.writeUInt32BE(24, 0)
    data.set([0x00, 0x01], 8)
    data.set([0x41, 0x2c], 16)
    data.set([0xc1, 0x01], 24)

    const { luns, total } = parseLuns(data)

    expect(luns.map(({ number }) => number)).toEqual([1, 300])
    expect(hex(luns[1]?.bytes ?? new Uint8Array())).toBe('412c000000000000')
    expect(total).toBe(32)
    expect(parseLuns(data.subarray(0, 20)).luns).toHaveLength(1)
    expect(parseLuns(new Uint8Array(3))).toEqual({ luns: [], total: 0 })
  })

  it('to READ CAPACITY(16) are a size, or nothing that can be used', () => {
    const data = Buffer.alloc(32)
    data.writeBigUInt64BE(999n, 0)
    data.writeUInt32BE(512, 8)
    data.set([3, 0xc0], 13)
    expect(parseCapacity(data)).toEqual({
      blocks: 1_000,
      blockSize: 512,
      bytes: 512_000,
      physicalBlockSize: 4_096,
      thin: true,
      zeroAfterUnmap: true,
    })
    expect(parseCapacity(data.subarray(0, 8))).toBeNull()
    data.writeUInt32BE(0, 8)
    expect(parseCapacity(data)).toBeNull()
    data.fill(0xff, 0, 8).writeUInt32BE(512, 8)
    expect(parseCapacity(data)).toBeNull()
  })

  it('to INQUIRY are texts without padding', () => {
    const data = Buffer.from('\x20\0\x05\x02\x1f\0\0\0DATERA  IBLOCK          1.0\0', 'latin1')
    expect(parseInquiry(data)).toEqual({
      deviceType: 0,
      qualifier: 1,
      vendor: 'DATERA',
      product: 'IBLOCK',
      revision: '1.0',
    })
    expect(parseInquiry(new Uint8Array(0))).toMatchObject({ deviceType: 0x1f, qualifier: 3 })
  })

  it('of vital product data are taken for the right page only', () => {
    const page = Buffer.from([0, 0x83, 0, 12, 2, 1, 0, 3, 0x61, 0x62, 0x63, 1, 0x13, 0, 1, 0xff])
    const content = vpdContent(0x83, page)
    expect(parseDesignators(content)).toEqual([
      { association: 0, type: 1, name: 'abc' },
      { association: 1, type: 3, name: 'ff' },
    ])
    expect(vpdContent(0x80, page)).toHaveLength(0)
    expect(parseDesignators(content.subarray(0, 5))).toHaveLength(1)
  })

  it('about limits say null where there is none', () => {
    const page = Buffer.alloc(64)
    page.writeUInt32BE(128, 8)
    page.writeUInt32BE(0xffff_ffff, 20)
    expect(parseBlockLimits(page)).toEqual({
      transfer: 128,
      optimalTransfer: null,
      unmapBlocks: null,
      unmapRanges: null,
    })
    expect(parseBlockLimits(page.subarray(0, 16)).unmapRanges).toBeNull()
  })
})
