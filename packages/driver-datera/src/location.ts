import { isImageId, redactLocation, StoreError, schemeOf } from '@glance/core'

export const scheme = 'datera'

/** What every location of a system begins with. Host and port are those of the management API; they say where an image was stored and are never connected to. */
export function locationPrefix(host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/app_instances/`
}

/** Whose locations a store reads. */
export interface OwnAddresses {
  /** Management addresses of the system, those of today and before. */
  readonly hosts: readonly string[]
  /** Ports that it may have beside the usual two. */
  readonly port: number
}

/** HTTP and HTTPS of every system: an image does not move when the API is spoken to in the other way. */
const usualPorts = [7717, 7718]

/**
 * The image id of a location: `datera://HOST:PORT/app_instances/ID`, where older releases of Datera's driver put `OS-` or `OS-IMAGE-` before the id.
 *
 * Host and port must be the system's, and are never connected to: a location that a user wrote must not choose a server.
 *
 * @throws StoreError INVALID_LOCATION
 */
export function imageIdAt(location: string, { hosts, port }: OwnAddresses): string {
  if (schemeOf(location) === scheme) {
    const [, host = '', ofPort = '', id = ''] =
      /^[^:]+:\/\/(?:\[(?=[^\]]*\]))?([0-9A-Fa-f:.]+|[A-Za-z0-9.-]+)\]?:(\d{1,5})\/app_instances\/(?:OS-)?(?:IMAGE-)?([^/]*)$/.exec(
        location,
      ) ?? []
    const isOwn = hosts.includes(host) && [...usualPorts, port].includes(Number(ofPort))
    if (isOwn && isImageId(id)) return id
  }
  throw new StoreError('INVALID_LOCATION', `${redactLocation(location)} is no location of this store`)
}
