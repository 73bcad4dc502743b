import { describe, expect, it } from 'vitest'
import { loadConfig, type ServerConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'

/** The part of Glance's file that all pipelines share, with a filter's own options. */
const filters = `
[filter:cors]
paste.filter_factory =  oslo_middleware.cors:filter_factory
oslo_config_project = glance
allowed_origin = https://from.paste
[filter:healthcheck]
paste.filter_factory = oslo_middleware:Healthcheck.factory
backends = disable_by_file
disable_by_file_path = %(here)s/disabled
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware:HTTPProxyToWSGI.factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:osprofiler]
paste.filter_factory = osprofiler.web:WsgiMiddleware.factory
[filter:gzip]
paste.filter_factory = glance.api.middleware.gzip:GzipMiddleware.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
delay_auth_decision = true
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
[filter:unauthenticated-context]
paste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory
[filter:cache]
paste.filter_factory = glance.api.middleware.cache:CacheFilter.factory
[filter:cachemanage]
paste.filter_factory = glance.api.middleware.cache_manage:CacheManageFilter.factory
[filter:ratelimit]
paste.filter_factory = acme.limits:factory
`

/** Loads a configuration with this text beside a paste file with that one. */
function load(folder: Folder, text: string, paste: string | null): ServerConfig {
  const configFiles = [folder.write('glance-api.conf', text)]
  if (paste !== null) folder.write('glance-api-paste.ini', paste)
  return loadConfig({ configFiles, configDirs: [], environment: {}, overrides: {} })
}

function told(config: ServerConfig, folder: Folder): string[] {
  return [...config.problems.map(formatProblem), ...config.warnings].map((line) =>
    line.replaceAll(`${folder.path}/`, ''),
  )
}

describe('pipelines', () => {
  it.each([
    ['', 'local', ['cors', 'healthcheck', 'proxy headers', 'everybody']],
    ['caching', 'local', ['cors', 'healthcheck', 'proxy headers', 'everybody', 'cache']],
    ['cachemanagement', 'local', ['cors', 'healthcheck', 'proxy headers', 'everybody', 'cache', 'cache management']],
    ['keystone', 'keystone', ['cors', 'healthcheck', 'proxy headers', 'keystone']],
    ['keystone+caching', 'keystone', ['cors', 'healthcheck', 'proxy headers', 'keystone', 'cache']],
    [
      'keystone+cachemanagement',
      'keystone',
      ['cors', 'healthcheck', 'proxy headers', 'keystone', 'cache', 'cache management'],
    ],
  ])('without a file are those of Glance: flavor %j', (flavor, auth, kinds) => {
    using folder = temporaryFolder()
    const config = load(folder, `[paste_deploy]\nflavor = ${flavor}\n`, null)

    expect([config.auth, [...config.pipeline.filters], config.problems]).toEqual([auth, kinds, []])
    expect(told(config, folder)).toEqual(
      flavor.includes('cach') ? ['the image cache is not served in this release; the API works without it'] : [],
    )
  })

  it('are read from the file beside the configuration, with the options of their filters', () => {
    using folder = temporaryFolder()
    const pipeline = 'cors healthcheck http_proxy_to_wsgi gzip versionnegotiation osprofiler authtoken context rootapp'
    const config = load(
      folder,
      '[paste_deploy]\nflavor = keystone\n[cors]\nmax_age = 7\n',
      `[pipeline:glance-api-keystone]\npipeline = ${pipeline}\n${filters}`,
    )

    expect([...config.pipeline.filters]).toEqual([
      'cors',
      'healthcheck',
      'proxy headers',
      'gzip',
      'built in',
      'profiler',
      'keystone',
    ])
    expect(config.values.cors).toMatchObject({ allowedOrigin: ['https://from.paste'], maxAge: 7 })
    expect(config.values.healthcheck).toMatchObject({
      backends: ['disable_by_file'],
      disableByFilePath: `${folder.path}/disabled`,
    })
    expect([config.auth, told(config, folder)]).toEqual(['keystone', []])
  })

  it('may stand behind a map of paths, as in newer files, over several lines', () => {
    using folder = temporaryFolder()
    const config = load(
      folder,
      '',
      `[composite:glance-api]\npaste.composite_factory = glance.api:root_app_factory\n/: api\n/healthcheck: healthcheck\n` +
        `[pipeline:api]\npipeline = cors\n    versionnegotiation\n  unauthenticated-context rootapp\n` +
        filters
          .replace('[filter:healthcheck]', '[app:healthcheck]')
          .replace('Healthcheck.factory', 'Healthcheck.app_factory'),
    )

    expect([...config.pipeline.filters]).toEqual(['cors', 'built in', 'everybody', 'healthcheck'])
    expect(config.problems).toEqual([])
  })

  it('are told what of them is not understood, and which options lose their filter', () => {
    using folder = temporaryFolder()
    const config = load(
      folder,
      '[cors]\nallowed_origin = *\n[oslo_middleware]\nenable_proxy_headers_parsing = on\n',
      `[pipeline:glance-api]\npipeline = ratelimit versionnegotiation unauthenticated-context missing cache rootapp\n${filters}`,
    )

    expect(told(config, folder)).toEqual([
      'glance-api-paste.ini: the filter ratelimit of glance-api is not known here and has no effect',
      'glance-api-paste.ini: the filter missing of glance-api is not known here and has no effect',
      'glance-api-paste.ini: its pipeline lets everybody in as an administrator; here a token of this server is asked for, unless [glance_server] auth is noauth',
      'the image cache is not served in this release; the API works without it',
      'glance-api-paste.ini: its pipeline has no http_proxy_to_wsgi, so [oslo_middleware] enable_proxy_headers_parsing has no effect',
      'glance-api-paste.ini: its pipeline has no cors, so [cors] has no effect',
    ])
  })

  it('ask Keystone when the flavor or the file says so', () => {
    using folder = temporaryFolder()
    const own = load(
      folder,
      '[paste_deploy]\nflavor = ours\n',
      `[pipeline:glance-api-ours]\npipeline = authtoken context rootapp\n${filters}`,
    )
    const stripped = load(
      folder,
      '[paste_deploy]\nflavor = keystone\n',
      `[pipeline:glance-api-keystone]\npipeline = unauthenticated-context rootapp\n${filters}`,
    )

    expect([own.auth, stripped.auth]).toEqual(['keystone', 'keystone'])
  })

  it('have to be there when they were named', () => {
    using folder = temporaryFolder()
    const noFile = load(folder, '[paste_deploy]\nconfig_file = none.ini\n', null)
    const noPipeline = load(folder, '[paste_deploy]\nflavor = x\n', filters)
    const named = load(folder, `[paste_deploy]\nconfig_file = ${folder.write('sub/p.ini', 'no setting\n')}\n`, null)

    expect(told(noFile, folder)).toEqual([
      'glance-api.conf:2: [paste_deploy] config_file names none.ini, which cannot be read (ENOENT)',
    ])
    expect(told(noPipeline, folder)[0]).toBe(
      'glance-api-paste.ini: has no pipeline glance-api-x, which [paste_deploy] flavor asks for',
    )
    expect(told(named, folder)).toEqual([
      'sub/p.ini:1: this line is neither a [group] nor option = value',
      'sub/p.ini: has no pipeline glance-api, which [paste_deploy] flavor asks for',
    ])
  })

  it('of an unknown flavor without a file count by its name', () => {
    using folder = temporaryFolder()
    const config = load(folder, '[paste_deploy]\nflavor = trusted-auth\n', null)

    expect([config.auth, told(config, folder)]).toEqual([
      'local',
      [
        "[paste_deploy] flavor trusted-auth is none of Glance's, and there is no paste file that has it; it counts as one without authentication",
      ],
    ])
  })
})
