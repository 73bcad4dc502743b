/** What has to fit together for unified limits. */
import type { KeystoneLogin } from './load.ts'
import type { ConfigProblem } from './problem.ts'
import type { Settings } from './sources.ts'
import type { ConfigValues } from './tables/groups.ts'

const group = 'oslo_limit'

/** What is missing, when Keystone is to keep the limits. */
export function limitProblems(
  { DEFAULT: { useKeystoneLimits }, oslo_limit: options }: ConfigValues,
  login: KeystoneLogin,
  settings: Settings,
): readonly ConfigProblem[] {
  if (!useKeystoneLimits) return []
  const place = settings.find('DEFAULT', 'use_keystone_limits')?.place ?? null
  const { endpointId, endpointServiceType, endpointServiceName } = options
  const problem = (in_: string, option: string, message: string): ConfigProblem => ({
    place,
    group: in_,
    option,
    message,
  })
  return [
    ...(login.authUrl === undefined
      ? [problem(options.authSection ?? group, 'auth_url', 'is not set, and use_keystone_limits needs it')]
      : []),
    ...([endpointId, endpointServiceType, endpointServiceName].every((each) => each === undefined)
      ? [problem(group, 'endpoint_id', 'is not set, nor endpoint_service_type, and use_keystone_limits needs one')]
      : []),
  ]
}

/** Keystone tells an account without the scope of the system of no other project's limits, and says nothing about it. */
export function limitWarnings({ DEFAULT, oslo_limit }: ConfigValues, login: KeystoneLogin): readonly string[] {
  const blind = login.systemScope === undefined && login.authType !== 'v3applicationcredential'
  return DEFAULT.useKeystoneLimits && blind
    ? [
        `[${oslo_limit.authSection ?? group}] system_scope is not set: Keystone hides the limits of other projects from this account, so only registered limits count`,
      ]
    : []
}
