/** `[oslo_limit]`: the options of oslo.limit, of its sessions, and of the log-in of the account that reads limits. */
import { choice, flag, integer, optionTable, path, text } from '@glance/core'
import { keystoneLoginOptions } from './keystone-authtoken.ts'

const noEffect = 'Accepted without effect: Keystone is asked at `auth_url`.'

export const osloLimitOptions = optionTable({
  ...keystoneLoginOptions,
  authSection: text({
    glance: 'auth_section',
    help: 'Group that holds `auth_type` and what belongs to it, in place of this one.',
  }),
  endpointId: text({
    glance: 'endpoint_id',
    help: 'Id in Keystone of the endpoint of this service: limits are registered for its service and its region.',
  }),
  endpointServiceType: text({
    glance: 'endpoint_service_type',
    help: 'Type of the service, such as `image`, to find the endpoint without its id.',
  }),
  endpointServiceName: text({
    glance: 'endpoint_service_name',
    help: 'Name of the service, to find the endpoint without its id.',
  }),
  endpointRegionName: text({
    glance: 'endpoint_region_name',
    help: 'Region of the endpoint that is looked for. Needed when the service has one in several.',
  }),
  endpointInterface: choice(['public', 'publicURL', 'internal', 'internalURL', 'admin', 'adminURL'], {
    glance: 'endpoint_interface',
    default: 'publicURL',
    help: 'Interface of the endpoint that is looked for.',
  }),
  cafile: path({ help: 'PEM file with the authorities that the certificate of Keystone is checked against.' }),
  insecure: flag({ default: false, help: 'Take any certificate of Keystone. Without effect when `cafile` is set.' }),
  certfile: path({ help: 'PEM file with a certificate for Keystone to see.' }),
  keyfile: path({ help: 'PEM file with the key of `certfile`. Default: the same file.' }),
  timeout: integer({
    min: 1,
    help: 'Longest time to connect to Keystone, and to wait for its answer, in seconds. Default: 10 and 30.',
  }),
  connectRetries: integer({
    glance: 'connect_retries',
    default: 3,
    min: 0,
    help: 'Further tries while Keystone does not answer.',
  }),
  interface: text({ help: noEffect }),
  validInterfaces: text({ glance: 'valid_interfaces', help: noEffect }),
  regionName: text({ glance: 'region_name', help: noEffect }),
  serviceType: text({ glance: 'service_type', help: noEffect }),
  serviceName: text({ glance: 'service_name', help: noEffect }),
})
