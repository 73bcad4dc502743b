import { StoreError } from '@glance/core'
import { isContainer } from './location.ts'
import type { SwiftOptions } from './options.ts'

/** @throws StoreError BAD_CONFIGURATION naming options that cannot work together */
export function assertOptions(options: SwiftOptions): void {
  const { multiTenant, configFile, endpoint, authAddress, container, multipleContainersSeed, defaultReference } =
    options
  const bad = (message: string): StoreError => new StoreError('BAD_CONFIGURATION', message)
  if (multiTenant && configFile !== undefined)
    throw bad('swift_store_multi_tenant and swift_store_config_file exclude each other')
  if (multiTenant && multipleContainersSeed > 0)
    throw bad('swift_store_multiple_containers_seed is for single-tenant stores')
  if (multiTenant && endpoint === undefined && authAddress === undefined)
    throw bad('swift_store_multi_tenant needs swift_store_auth_address or swift_store_endpoint')
  if (endpoint !== undefined && !/^https?:\/\/[^/]+\/./i.test(endpoint))
    throw bad('swift_store_endpoint is no storage URL, such as https://swift.example.org/v1/AUTH_glance')
  if (!isContainer(container)) throw bad('swift_store_container can hold no slash, blank or percent sign')
  if (!/^[^/@%\s]+$/.test(defaultReference)) throw bad('default_swift_reference can hold no slash, @, % or blank')
}
