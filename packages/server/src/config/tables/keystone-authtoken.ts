/** `[keystone_authtoken]`: the options of keystonemiddleware, and of the log-in plug-ins that the service's own account uses. */
import { choice, flag, integer, list, optionTable, path, secret, text } from '@glance/core'

/** The account with which the server itself comes to Keystone. These may stand in another group, which `auth_section` names. */
export const keystoneLoginOptions = optionTable({
  authType: text({
    glance: 'auth_type',
    glanceOld: ['auth_plugin'],
    default: 'password',
    help: 'How to log in: `password`, `v3password`, `token`, `v3token` or `v3applicationcredential`.',
  }),
  authUrl: text({
    glance: 'auth_url',
    glanceOld: ['identity_uri'],
    help: 'Where Keystone is, with or without `/v3`. Needed for tokens of Keystone.',
  }),
  username: text({
    glanceOld: ['user_name', 'admin_user'],
    help: 'Name of the account that checks tokens; it needs the role service or admin.',
  }),
  userId: text({ glance: 'user_id', help: 'Id of the account, in place of its name and domain.' }),
  password: secret({ glanceOld: ['admin_password'], help: 'Password of the account.' }),
  userDomainId: text({ glance: 'user_domain_id', help: 'Id of the domain of the account.' }),
  userDomainName: text({ glance: 'user_domain_name', help: 'Name of the domain of the account.' }),
  projectId: text({
    glance: 'project_id',
    glanceOld: ['tenant_id'],
    help: 'Id of the project that the account works in.',
  }),
  projectName: text({
    glance: 'project_name',
    glanceOld: ['tenant_name', 'admin_tenant_name'],
    help: 'Name of the project that the account works in, usually `service`.',
  }),
  projectDomainId: text({ glance: 'project_domain_id', help: 'Id of the domain of the project.' }),
  projectDomainName: text({ glance: 'project_domain_name', help: 'Name of the domain of the project.' }),
  domainId: text({ glance: 'domain_id', help: 'Id of the domain that the account works in, in place of a project.' }),
  domainName: text({
    glance: 'domain_name',
    help: 'Name of the domain that the account works in, in place of a project.',
  }),
  defaultDomainId: text({
    glance: 'default_domain_id',
    help: 'Id of the domain of account and project when those say none.',
  }),
  defaultDomainName: text({
    glance: 'default_domain_name',
    help: 'Name of the domain of account and project when those say none.',
  }),
  systemScope: text({ glance: 'system_scope', help: '`all` when the account works in the whole system.' }),
  trustId: text({ glance: 'trust_id', help: 'Trust that the account uses in place of a project.' }),
  token: secret({ help: 'Token to log in with, for `auth_type` token.' }),
  applicationCredentialId: text({ glance: 'application_credential_id', help: 'Id of an application credential.' }),
  applicationCredentialName: text({
    glance: 'application_credential_name',
    help: 'Name of an application credential of the account.',
  }),
  applicationCredentialSecret: secret({
    glance: 'application_credential_secret',
    help: 'Secret of the application credential.',
  }),
})

const noEffect = 'Accepted without effect:'
const ownCache = `${noEffect} answers are cached in the process.`

/** `[keystone_authtoken]`. */
export const keystoneAuthtokenOptions = optionTable({
  wwwAuthenticateUri: text({
    glance: 'www_authenticate_uri',
    glanceOld: ['auth_uri'],
    help: 'Address of Keystone that users are told with a 401. Default: `auth_url`.',
  }),
  ...keystoneLoginOptions,
  authSection: text({
    glance: 'auth_section',
    help: 'Group that holds `auth_type` and what belongs to it, in place of this one.',
  }),
  authVersion: text({ glance: 'auth_version', help: `${noEffect} version 3 is spoken.` }),
  interface: text({ default: 'internal', help: `${noEffect} Keystone is asked at \`auth_url\`.` }),
  regionName: text({ glance: 'region_name', help: `${noEffect} Keystone is asked at \`auth_url\`.` }),
  delayAuthDecision: flag({
    glance: 'delay_auth_decision',
    default: false,
    help: `${noEffect} a request without a good token is refused at once.`,
  }),
  httpConnectTimeout: integer({
    glance: 'http_connect_timeout',
    min: 1,
    help: 'Longest time to connect to Keystone, and to wait for its answer, in seconds. Default: 10 and 30.',
  }),
  httpRequestMaxRetries: integer({
    glance: 'http_request_max_retries',
    default: 3,
    min: 0,
    help: 'Further tries while Keystone does not answer.',
  }),
  cafile: path({ help: 'PEM file with the authorities that the certificate of Keystone is checked against.' }),
  insecure: flag({ default: false, help: 'Take any certificate of Keystone. Without effect when `cafile` is set.' }),
  certfile: path({ help: 'PEM file with a certificate for Keystone to see.' }),
  keyfile: path({ help: 'PEM file with the key of `certfile`. Default: the same file.' }),
  tokenCacheTime: integer({
    glance: 'token_cache_time',
    default: 300,
    min: -1,
    help: 'How long the answer about a token counts, in seconds; -1 to ask every time. A token that is revoked goes on working for as long.',
  }),
  includeServiceCatalog: flag({
    glance: 'include_service_catalog',
    default: true,
    help: `${noEffect} nothing here needs the catalog yet, so it is not asked for.`,
  }),
  enforceTokenBind: choice(['disabled', 'permissive', 'strict'], {
    glance: 'enforce_token_bind',
    default: 'permissive',
    help: 'Tokens that are bound to another proof, such as Kerberos, are refused unless this is `disabled`.',
  }),
  serviceTokenRoles: list({
    glance: 'service_token_roles',
    default: ['service'],
    help: 'Roles of which the owner of a service token needs one, so that an expired token of a user counts beside it.',
  }),
  serviceTokenRolesRequired: flag({
    glance: 'service_token_roles_required',
    default: true,
    help: 'Refuse requests whose service token has none of these roles.',
  }),
  serviceType: text({
    glance: 'service_type',
    default: 'image',
    help: 'Type of this service in the access rules of application credentials.',
  }),
  cache: text({ help: ownCache }),
  memcachedServers: list({ glance: 'memcached_servers', glanceOld: ['memcache_servers'], default: [], help: ownCache }),
  memcacheSecurityStrategy: text({ glance: 'memcache_security_strategy', help: ownCache }),
  memcacheSecretKey: secret({ glance: 'memcache_secret_key', help: ownCache }),
  memcacheTlsEnabled: flag({ glance: 'memcache_tls_enabled', default: false, help: ownCache }),
  memcacheTlsCafile: text({ glance: 'memcache_tls_cafile', help: ownCache }),
  memcacheTlsCertfile: text({ glance: 'memcache_tls_certfile', help: ownCache }),
  memcacheTlsKeyfile: text({ glance: 'memcache_tls_keyfile', help: ownCache }),
  memcacheTlsAllowedCiphers: text({ glance: 'memcache_tls_allowed_ciphers', help: ownCache }),
  memcachePoolDeadRetry: integer({ glance: 'memcache_pool_dead_retry', default: 300, help: ownCache }),
  memcachePoolMaxsize: integer({ glance: 'memcache_pool_maxsize', default: 10, help: ownCache }),
  memcachePoolSocketTimeout: integer({ glance: 'memcache_pool_socket_timeout', default: 3, help: ownCache }),
  memcachePoolUnusedTimeout: integer({ glance: 'memcache_pool_unused_timeout', default: 60, help: ownCache }),
  memcachePoolConnGetTimeout: integer({ glance: 'memcache_pool_conn_get_timeout', default: 10, help: ownCache }),
  memcacheUseAdvancedPool: flag({ glance: 'memcache_use_advanced_pool', default: true, help: ownCache }),
  memcacheSaslEnabled: flag({ glance: 'memcache_sasl_enabled', default: false, help: ownCache }),
  memcacheUsername: text({ glance: 'memcache_username', default: '', help: ownCache }),
  memcachePassword: secret({ glance: 'memcache_password', default: '', help: ownCache }),
})
