import type { OptionTable, OptionValues } from '@glance/core'
import {
  databaseOptions,
  defaultOptions,
  glanceStoreOptions,
  imageFormatOptions,
  pasteDeployOptions,
  serverOptions,
} from './default.ts'
import { healthcheckOptions } from './healthcheck.ts'
import { keystoneAuthtokenOptions } from './keystone-authtoken.ts'
import { corsOptions, osloMiddlewareOptions } from './middleware.ts'
import { osloLimitOptions } from './oslo-limit.ts'
import { policyOptions } from './policy.ts'

/** The server's own groups of a configuration file, in the order of the documentation. Groups of stores come on top. */
export const serverOptionGroups = {
  DEFAULT: defaultOptions,
  database: databaseOptions,
  glance_store: glanceStoreOptions,
  image_format: imageFormatOptions,
  healthcheck: healthcheckOptions,
  paste_deploy: pasteDeployOptions,
  cors: corsOptions,
  oslo_middleware: osloMiddlewareOptions,
  oslo_policy: policyOptions,
  keystone_authtoken: keystoneAuthtokenOptions,
  oslo_limit: osloLimitOptions,
  glance_server: serverOptions,
} as const satisfies Record<string, OptionTable>

type Groups = typeof serverOptionGroups

/** The typed values of every group of the server's own. */
export type ConfigValues = { readonly [G in keyof Groups]: OptionValues<Groups[G]> }
