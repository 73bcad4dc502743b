import {
  duration,
  flag,
  integer,
  list,
  map,
  type OptionInput,
  type OptionValues,
  optionTable,
  path,
} from '@glance/core'

/**
 * The options of the http store.
 *
 * The first three are Glance's (`glance_store/_drivers/http.py`); `https_insecure` has the opposite default on purpose. The others are ours:
 * they bound what a location, which a user of the API writes, can make this host connect to.
 */
export const httpOptions = optionTable({
  caCertificatesFile: path({
    glance: 'https_ca_certificates_file',
    help: 'PEM file with the certificate authorities that https origins are checked against, instead of the ones built into Node. When set, `https_insecure` has no effect.',
  }),
  insecure: flag({
    glance: 'https_insecure',
    default: false,
    help: 'Accept any certificate of an https origin. Glance has this on unless told otherwise; here it is off.',
  }),
  proxies: map({
    glance: 'http_proxy_information',
    default: {},
    help: 'Proxies by the scheme of the location, such as `http:10.0.0.1:3128,https:10.0.0.1:1080`. A proxy looks up names itself, so the check of addresses is weaker behind one.',
  }),
  allowPrivateAddresses: flag({
    glance: 'http_store_allow_private_addresses',
    default: false,
    help: 'Let locations point at private, shared (100.64.0.0/10) and loopback addresses. Link-local, metadata, multicast and reserved addresses stay refused.',
  }),
  allowedNetworks: list({
    glance: 'http_store_allowed_networks',
    default: [],
    help: 'Networks that locations may point at although they are not public, such as `10.20.0.0/16,fd00:1::/64`. Narrower than `http_store_allow_private_addresses`, and the only way to open a reserved one.',
  }),
  allowHttpsToHttp: flag({
    glance: 'http_store_allow_https_to_http',
    default: false,
    help: 'Follow redirects from https to http.',
  }),
  maxRedirects: integer({
    glance: 'http_store_max_redirects',
    default: 4,
    min: 0,
    max: 20,
    help: 'Redirects that are followed before a location is given up.',
  }),
  connectTimeout: duration({
    glance: 'http_store_connect_timeout',
    default: '10s',
    min: 0.001,
    max: 3600,
    help: 'Longest time to look up a name, connect and agree on TLS.',
  }),
  headersTimeout: duration({
    glance: 'http_store_headers_timeout',
    default: '60s',
    min: 0.001,
    max: 3600,
    help: 'Longest time from a request to the headers of its answer.',
  }),
  idleTimeout: duration({
    glance: 'http_store_idle_timeout',
    default: '60s',
    min: 0.001,
    max: 3600,
    help: 'Longest pause between two pieces of a body. Time in which the reader asks for nothing does not count.',
  }),
})

/** The typed options of an open http store; times are in seconds. */
export type HttpOptions = OptionValues<typeof httpOptions>

/** The options as a caller gives them in code. */
export type HttpOptionInput = OptionInput<typeof httpOptions>
