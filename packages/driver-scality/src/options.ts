import {
  duration,
  integer,
  list,
  type OptionInput,
  type OptionValues,
  optionTable,
  path,
  secret,
  text,
} from '@glance/core'

/**
 * The options of a Scality store.
 *
 * The first one is the only one that Scality's own driver for Glance had; the others carry the same prefix and are ours. They cover what
 * Scality's Swift back end and its Python client could be told.
 */
export const scalityOptions = optionTable({
  endpoints: list({
    glance: 'scality_sproxyd_endpoints',
    required: true,
    told: 'sproxyd_endpoints',
    help: 'By-path endpoints of the sproxyd connectors, such as `http://10.0.0.5:81/proxy/chord_path/,http://10.0.0.6:81/proxy/chord_path/`. All of them must lead to the same names of the same ring.',
  }),
  objectPrefix: text({
    glance: 'scality_sproxyd_object_prefix',
    default: '',
    help: 'What stands before the image id in the names of objects, for several services on one ring. Letters, digits, dots, hyphens and underscores.',
  }),
  username: text({
    glance: 'scality_sproxyd_username',
    help: 'User for HTTP Basic authentication at the connectors, if they ask for it.',
  }),
  password: secret({ glance: 'scality_sproxyd_password', help: 'Password that belongs to the user.' }),
  caFile: path({
    glance: 'scality_sproxyd_ca_file',
    help: 'PEM file with the certificate authorities that https connectors are checked against, instead of the ones built into Node.',
  }),
  clientCert: path({
    glance: 'scality_sproxyd_client_cert',
    help: 'PEM file with the client certificate for https connectors.',
  }),
  clientKey: path({ glance: 'scality_sproxyd_client_key', help: 'PEM file with the key of the client certificate.' }),
  connectTimeout: duration({
    glance: 'scality_sproxyd_conn_timeout',
    default: '10s',
    min: 0.001,
    max: 3600,
    help: 'Longest time to connect to a connector.',
  }),
  readTimeout: duration({
    glance: 'scality_sproxyd_read_timeout',
    default: '60s',
    min: 0.001,
    max: 3600,
    help: 'Longest time to wait for the head of an answer, and longest pause between two pieces of a body. The 3 seconds of Scality’s client are too short for a busy ring.',
  }),
  healthInterval: duration({
    glance: 'scality_sproxyd_health_interval',
    default: '1s',
    min: 0.01,
    max: 3600,
    help: 'Time between two looks at the health of each connector.',
  }),
  retries: integer({
    glance: 'scality_sproxyd_retries',
    default: 2,
    min: 0,
    max: 20,
    help: 'How often a download that broke off is resumed, and how often an object that is locked is asked for again before its deletion fails.',
  }),
})

/** The typed options of an open Scality store; times are in seconds. */
export type ScalityOptions = OptionValues<typeof scalityOptions>

/** The options as a caller gives them in code. */
export type ScalityOptionInput = OptionInput<typeof scalityOptions>
