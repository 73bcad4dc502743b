import type { Logger } from '@glance/core'
import { isKeystoneError, KeystoneConnection, type LimitedEndpoint, ProjectLimits, Session } from '@glance/keystone'
import { type LimitedResource, type Limits, limitedResources, ServiceError } from '@glance/service'
import type { KeystoneLogin } from '../config/load.ts'
import type { ConfigValues } from '../config/tables/groups.ts'

/** Limits over connections of their own. */
export interface KeystoneLimits extends Limits {
  close(): Promise<void>
}

/**
 * The limits that Keystone keeps for projects. Nothing is asked of it before the first one is needed.
 *
 * @throws KeystoneError BAD_CONFIGURATION when the log-in lacks something or a file cannot be read
 */
export function keystoneLimits(
  options: ConfigValues['oslo_limit'],
  account: KeystoneLogin,
  logger: Pick<Logger, 'error'>,
): KeystoneLimits {
  const timeoutMs = options.timeout === undefined ? undefined : options.timeout * 1000
  const connection = new KeystoneConnection({
    authUrl: account.authUrl ?? '',
    caFile: options.cafile,
    insecure: options.insecure,
    certFile: options.certfile,
    keyFile: options.keyfile,
    connectTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
    retries: options.connectRetries,
  })
  const limits = new ProjectLimits(new Session(connection, account), { endpoint: endpointOf(options) })
  return {
    close: () => connection.close(),
    async of(project, signal) {
      try {
        const found = await limits.of(project, signal)
        const all = limitedResources.map((resource) => [resource, found.get(resource) ?? 0])
        return Object.fromEntries(all) as Record<LimitedResource, number>
      } catch (error) {
        if (!isKeystoneError(error)) throw error
        if (error.code !== 'ABORTED') logger.error({ err: error, code: error.code }, 'limits cannot be read')
        throw new ServiceError(
          'UNAVAILABLE',
          'The identity service cannot tell the limits of the project at the moment.',
          {
            cause: error,
          },
        )
      }
    },
  }
}

function endpointOf(options: ConfigValues['oslo_limit']): LimitedEndpoint {
  const { endpointId, endpointServiceType, endpointServiceName, endpointInterface, endpointRegionName } = options
  if (endpointId !== undefined) return { id: endpointId }
  return {
    serviceType: endpointServiceType,
    serviceName: endpointServiceName,
    interface: endpointInterface,
    region: endpointRegionName,
  }
}
