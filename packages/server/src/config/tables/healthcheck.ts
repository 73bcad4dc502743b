import { flag, list, optionTable, path, text } from '@glance/core'

/** `[healthcheck]`, as oslo.middleware has it. Glance's paste file may set these in its own section, too. */
export const healthcheckOptions = optionTable({
  path: text({ default: '/healthcheck', help: 'Path that answers.' }),
  backends: list({
    default: [],
    help: 'Checks to run: `disable_by_file`, `disable_by_files_ports`, `enable_by_files`. When it is not set, all those whose files are set.',
  }),
  disableByFilePath: path({
    glance: 'disable_by_file_path',
    default: '/etc/glance/healthcheck_disable',
    help: 'While this file exists the health check answers 503.',
  }),
  disableByFilePaths: list({
    glance: 'disable_by_file_paths',
    default: [],
    help: 'The same for servers on several ports, as port:path pairs; the one of the own port counts.',
  }),
  enableByFilePaths: list({
    glance: 'enable_by_file_paths',
    default: [],
    help: 'While one of these files is missing (on a share that is not mounted, for instance) the health check answers 503.',
  }),
  allowedSourceRanges: list({
    glance: 'allowed_source_ranges',
    default: [],
    help: 'Networks (`10.0.0.0/8`) whose callers get an answer; others get 404. Default: everybody.',
  }),
  ignoreProxiedRequests: flag({
    glance: 'ignore_proxied_requests',
    default: false,
    help: 'Answer requests that came through a proxy with 404.',
  }),
  detailed: flag({ default: false, help: 'Say which checks ran and on what kind of host. Shows paths of the host.' }),
})
