import { BlockList, isIPv4 } from 'node:net'

/**
 * How far an address reaches: `public` is the internet; `private` is a network of somebody's own (RFC 1918, RFC 4193, RFC 6598, loopback);
 * `reserved` is everything no image can rightly come from: link-local, cloud metadata, multicast, documentation, tunnels into any of these.
 */
export type Reach = 'public' | 'private' | 'reserved'

type Network = readonly [address: string, prefix: number]

const privateIpv4: readonly Network[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
]

/** The IANA registry of special-purpose IPv4 addresses without the private ones, and metadata services that live outside of it. */
const reservedIpv4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['100.100.100.200', 32], // Alibaba Cloud metadata, inside the shared range
  ['168.63.129.16', 32], // Azure's host service, an address of the public range
  ['169.254.0.0', 16], // link-local, with the metadata address of most clouds
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

const privateIpv6: readonly Network[] = [
  ['::1', 128],
  ['fc00::', 7],
]

/** Exceptions inside the private and the global range; outside of 2000::/3 everything that is not private is reserved anyway. */
const reservedIpv6: readonly Network[] = [
  ['fd00:ec2::254', 128], // Amazon EC2 metadata
  ['fd20:ce::254', 128], // Google Compute Engine metadata
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32],
  ['3fff::', 20],
]

const tables = {
  ipv4: { private: blockList(privateIpv4, 'ipv4'), reserved: blockList(reservedIpv4, 'ipv4') },
  ipv6: { private: blockList(privateIpv6, 'ipv6'), reserved: blockList(reservedIpv6, 'ipv6') },
  global: blockList([['2000::', 3]], 'ipv6'),
} as const

/**
 * Tells how far an IP address reaches.
 *
 * IPv6 addresses that carry an IPv4 address count as what they carry: mapped ones as that address itself, NAT64 and 6to4 ones as public
 * when it is public and as reserved otherwise, because no honest location needs a translator to reach a private host.
 *
 * @param address - as `canonicalAddress` spells it
 */
export function reachOf(address: string): Reach {
  if (isIPv4(address)) {
    if (tables.ipv4.reserved.check(address, 'ipv4')) return 'reserved'
    return tables.ipv4.private.check(address, 'ipv4') ? 'private' : 'public'
  }
  const carried = translatedIpv4(groupsOf(address))
  if (carried !== null) return reachOf(carried) === 'public' ? 'public' : 'reserved'
  if (tables.ipv6.reserved.check(address, 'ipv6')) return 'reserved'
  if (tables.ipv6.private.check(address, 'ipv6')) return 'private'
  return tables.global.check(address, 'ipv6') ? 'public' : 'reserved'
}

/**
 * One spelling for each IP address: IPv6 compressed and without a zone, IPv4-mapped IPv6 as plain IPv4.
 *
 * @returns null when the text is no IP address. Short and numeric spellings of IPv4 are none; the URL standard has resolved them before.
 */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  if (!bare.includes(':') || !URL.canParse(`http://[${bare}]`)) return null
  const address = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const groups = groupsOf(address)
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return mapped ? dotted(groups[6], groups[7]) : address
}

/** Adds a network in CIDR notation, or a single address, to a list. @throws TypeError when it is neither */
export function addNetwork(list: BlockList, text: string): void {
  const [, written = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? []
  const address = canonicalAddress(written)
  const family = address !== null && isIPv4(address) ? 'ipv4' : 'ipv6'
  const widest = family === 'ipv4' ? 32 : 128
  const bits = Number(prefix ?? widest)
  // A mapped network is written with the prefix of IPv6; what it means is said plainly in IPv4.
  const mapped = family === 'ipv4' && !isIPv4(written)
  if (address === null || mapped || bits > widest) throw new TypeError('is neither a network nor an address')
  list.addSubnet(address, bits, family)
}

/** The IPv4 address inside a NAT64 (RFC 6052, well-known prefix) or 6to4 (RFC 3056) address, null for others. */
function translatedIpv4(groups: readonly number[]): string | null {
  if (groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0))
    return dotted(groups[6], groups[7])
  return groups[0] === 0x2002 ? dotted(groups[1], groups[2]) : null
}

/** The eight groups of a compressed IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...(tail === undefined ? [] : zeros), ...after].map((group) => Number.parseInt(group, 16))
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function blockList(networks: readonly Network[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, family)
  return list
}
