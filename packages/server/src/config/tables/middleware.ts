import { bytes, flag, integer, list, optionTable } from '@glance/core'

/** `[cors]`: cross-origin requests of browsers. Defaults are those that Glance gives to oslo.middleware. */
export const corsOptions = optionTable({
  allowedOrigin: list({
    glance: 'allowed_origin',
    default: [],
    help: 'Origins whose pages may call the API, such as `https://horizon.example.org`; `*` for all. Default: none.',
  }),
  allowCredentials: flag({ glance: 'allow_credentials', default: true, help: 'Let browsers send credentials along.' }),
  exposeHeaders: list({
    glance: 'expose_headers',
    default: ['X-Image-Meta-Checksum', 'X-Auth-Token', 'X-Subject-Token', 'X-Service-Token', 'X-OpenStack-Request-ID'],
    help: 'Headers of answers that pages may read.',
  }),
  maxAge: integer({
    glance: 'max_age',
    default: 3600,
    min: 0,
    help: 'How long browsers may remember a preflight, in seconds.',
  }),
  allowMethods: list({
    glance: 'allow_methods',
    default: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'],
    help: 'Methods that pages may use.',
  }),
  allowHeaders: list({
    glance: 'allow_headers',
    default: [
      'Content-MD5',
      'X-Image-Meta-Checksum',
      'X-Storage-Token',
      'Accept-Encoding',
      'X-Auth-Token',
      'X-Identity-Status',
      'X-Roles',
      'X-Service-Catalog',
      'X-User-Id',
      'X-Tenant-Id',
      'X-OpenStack-Request-ID',
    ],
    help: 'Headers that pages may send, besides those that they always may.',
  }),
})

/** `[oslo_middleware]`. */
export const osloMiddlewareOptions = optionTable({
  enableProxyHeadersParsing: flag({
    glance: 'enable_proxy_headers_parsing',
    default: false,
    help: 'Believe `Forwarded` and `X-Forwarded-*`. Only behind a proxy that sets them: else everybody can.',
  }),
  maxRequestBodySize: bytes({
    glance: 'max_request_body_size',
    default: '4MiB',
    min: 1,
    help: 'Longest JSON body. Image data have a limit of their own, `image_size_cap`.',
  }),
})
