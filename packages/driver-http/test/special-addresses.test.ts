import { BlockList } from 'node:net'
import { describe, expect, it } from 'vitest'
import { addNetwork, canonicalAddress, reachOf } from '../src/special-addresses.ts'

describe('reachOf', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.128.0.0', 'public'],
    ['223.255.255.255', 'public'],
    ['2600::1', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['2002:808:808::1', 'public'],
    ['10.255.0.1', 'private'],
    ['127.8.9.10', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['::1', 'private'],
    ['fc00::1', 'private'],
    ['fdff:ffff::1', 'private'],
    ['0.0.0.0', 'reserved'],
    ['169.254.169.254', 'reserved'],
    ['168.63.129.16', 'reserved'],
    ['100.100.100.200', 'reserved'],
    ['192.0.0.192', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['::', 'reserved'],
    ['::7f00:1', 'reserved'],
    ['fe80::1', 'reserved'],
    ['fec0::1', 'reserved'],
    ['ff02::1', 'reserved'],
    ['fd00:ec2::254', 'reserved'],
    ['2001::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['64:ff9b::7f00:1', 'reserved'],
    ['64:ff9b::a9fe:a9fe', 'reserved'],
    ['64:ff9b:1::808:808', 'reserved'],
    ['2002:7f00:1::', 'reserved'],
    ['2002:a00:1::1', 'reserved'],
    ['::ffff:0:7f00:1', 'reserved'],
  ])('tells that %s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach)
  })
})

describe('canonicalAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['[::FFFF:7f00:1]', '127.0.0.1'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', '169.254.169.254'],
    ['0000:0000::0001', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['2130706433', null],
    ['localhost', null],
    ['1::2::3', null],
    ['', null],
  ])('spells %s as %s', (text, address) => {
    expect(canonicalAddress(text)).toBe(address)
  })
})

describe('addNetwork', () => {
  it('takes networks and single addresses of both families', () => {
    const list = new BlockList()

    for (const network of ['10.20.0.0/16', '192.0.2.7', 'fd00:1::/64', '::1']) addNetwork(list, network)

    expect(['10.20.255.1', '192.0.2.7'].every((address) => list.check(address, 'ipv4'))).toBe(true)
    expect(['fd00:1::ffff', '::1'].every((address) => list.check(address, 'ipv6'))).toBe(true)
    expect(['10.21.0.0', '192.0.2.8', '0.0.0.1'].some((address) => list.check(address, 'ipv4'))).toBe(false)
    expect(['fd00:1:0:1::', '::2'].some((address) => list.check(address, 'ipv6'))).toBe(false)
  })

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/', '::ffff:10.0.0.0/104'])(
    'refuses %j',
    (network) => {
      expect(() => addNetwork(new BlockList(), network)).toThrow(TypeError)
    },
  )
})
