import { isImageId, redactLocation, StoreError, schemeOf } from '@glance/core'

export const scheme = 'datera'

/** What every location of a system begins with. Host and port are those of the management API; they say where an image was stored and are never connected to. */
export function locationPrefix(host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/app_instances/`
}

/**
 * The image id of a location: `datera://HOST:PORT/app_instances/ID`, where older releases of Datera's driver put `OS-` or `OS-IMAGE-` before the id.
 *
 * The host is not looked at: a system may have been given another address, and a location that a user wrote must not choose a server.
 *
 * @throws StoreError INVALID_LOCATION
 */
export function imageIdAt(location: string): string {
  if (schemeOf(location) === scheme) {
    const [, id = ''] =
      /^[^:]+:\/\/(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}\/app_instances\/(?:OS-)?(?:IMAGE-)?([^/]*)$/.exec(
        location,
      ) ?? []
    if (isImageId(id)) return id
  }
  throw new StoreError('INVALID_LOCATION', `${redactLocation(location)} is no location of a Datera image`)
}
