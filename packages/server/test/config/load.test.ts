import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ConfigRequest, loadConfig, type ServerConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { serverOptionGroups } from '../../src/config/tables/groups.ts'
import { unknownOptions } from '../../src/config/unknown-options.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'

function load(request: Partial<ConfigRequest> = {}): ServerConfig {
  return loadConfig({
    configFiles: [],
    configDirs: [],
    overrides: {},
    environment: { XDG_DATA_HOME: '/home/user/data' },
    ...request,
  })
}

/** Loads one file. */
function loadText(folder: Folder, text: string): ServerConfig {
  return load({ configFiles: [folder.write('glance-api.conf', text)] })
}

/** The problems of a configuration, a line each, without the folder. */
function problemsOf(config: ServerConfig, folder: Folder): string[] {
  return config.problems.map((problem) => formatProblem(problem).replaceAll(`${folder.path}/`, ''))
}

describe('a configuration', () => {
  it('needs nothing: it is one file store and SQLite in the data folder', () => {
    const config = load()

    expect(config.dataDir).toBe('/home/user/data/glance-server')
    expect(config.connection).toBe('sqlite:////home/user/data/glance-server/glance.sqlite')
    expect(config.stores.multiStore).toBe(false)
    expect(config.stores.stores.map((store) => store.driver)).toEqual(['file', 'http'])
    expect(config.stores.stores[0]?.fallback).toEqual({
      filesystem_store_datadir: '/home/user/data/glance-server/images',
    })
    expect(config.values.DEFAULT.bindPort).toBe(9292)
  })

  it('leaves the folder of images to Glance’s default as soon as there is a file', () => {
    using folder = temporaryFolder()

    expect(loadText(folder, '[DEFAULT]\n').stores.stores[0]?.fallback).toEqual({})
  })

  it('lets later files, folders, the environment and the command line win in this order', () => {
    using folder = temporaryFolder()
    const configFiles = [
      folder.write(
        'a.conf',
        'bind_port=1\nlimit_param_default=1\napi_limit_max=1\nimage_tag_quota=1\nimage_property_quota=1\n',
      ),
    ]
    configFiles.push(
      folder.write('b.conf', 'limit_param_default=2\napi_limit_max=2\nimage_tag_quota=2\nimage_property_quota=2\n'),
    )
    folder.write('d/1.conf', 'api_limit_max=3\nimage_tag_quota=3\nimage_property_quota=3\n')
    folder.write('d/ignored.txt', 'api_limit_max=9\n')

    const { DEFAULT: values } = load({
      configFiles,
      configDirs: [join(folder.path, 'd')],
      environment: { OS_DEFAULT__IMAGE_TAG_QUOTA: '4', OS_DEFAULT__IMAGE_PROPERTY_QUOTA: '4' },
      overrides: { DEFAULT: { image_property_quota: '5' } },
    }).values

    expect([
      values.bindPort,
      values.limitParamDefault,
      values.apiLimitMax,
      values.imageTagQuota,
      values.imagePropertyQuota,
    ]).toEqual([1, 2, 3, 4, 5])
  })

  it('puts options into options', () => {
    using folder = temporaryFolder()
    const text =
      'public_endpoint = http://$bind_host:${bind_port}/$$x/$nothing\nbind_host = h\n[database]\nconnection = sqlite:///${glance_server.data_dir}/x\n[glance_server]\ndata_dir = /srv\n'

    const config = loadText(folder, text)

    expect(config.values.DEFAULT.publicEndpoint).toBe('http://h:9292/$x/$nothing')
    expect(config.connection).toBe('sqlite:////srv/x')
  })

  it('takes the last of a repeated key, and an empty number for no value', () => {
    using folder = temporaryFolder()
    const text = 'bind_port =\n[glance_store]\nstores = swift\nstores = http, file\n'

    const { values } = loadText(folder, text)

    expect(values.DEFAULT.bindPort).toBe(9292)
    expect(values.glance_store.stores).toEqual(['http', 'file'])
  })

  it('tells options that refer to each other in a circle', () => {
    using folder = temporaryFolder()

    expect(
      problemsOf(loadText(folder, 'bind_host = $public_endpoint\npublic_endpoint = $bind_host\n'), folder)[0],
    ).toMatch(/^glance-api\.conf:1: \[DEFAULT\] bind_host refers to itself/)
  })

  it('tells all its problems at once, with file, line, group and option', () => {
    using folder = temporaryFolder()
    const text = '[DEFAULT]\nbind_port = high\nimage_size_cap = -1\nwhat is this\n[glance_server]\nauth = maybe\n'

    expect(
      problemsOf(
        load({ configFiles: [folder.write('glance-api.conf', text), join(folder.path, 'absent.conf')] }),
        folder,
      ),
    ).toEqual([
      'glance-api.conf:4: this line is neither a [group] nor option = value',
      'absent.conf: does not exist',
      'glance-api.conf:2: [DEFAULT] bind_port must be a whole number',
      'glance-api.conf:3: [DEFAULT] image_size_cap must be at least 1',
      'glance-api.conf:6: [glance_server] auth must be one of local, noauth, keystone',
    ])
  })

  it('asks Keystone when the flavor says so, unless the server has an option of its own', () => {
    using folder = temporaryFolder()
    const flavor = '[paste_deploy]\nflavor = keystone\n'

    const by = loadText(folder, flavor)
    expect([by.auth, by.warnings]).toEqual(['keystone', []])
    const against = loadText(folder, `${flavor}[glance_server]\nauth = local\n`)
    expect([against.auth, against.warnings]).toEqual([
      'local',
      [
        '[paste_deploy] flavor keystone: [glance_server] auth is local, so Keystone is not asked and its tokens count for nothing',
      ],
    ])
    expect(loadText(folder, '[paste_deploy]\nflavor = caching\n').auth).toBe('local')
  })

  it("finds the server's own account in the group that auth_section names", () => {
    using folder = temporaryFolder()
    const config = loadText(
      folder,
      '[keystone_authtoken]\nauth_section = account\ntoken_cache_time = 10\n[account]\nauth_url = http://keystone\nusername = glance\n',
    )

    expect(config.keystoneLogin).toMatchObject({ authUrl: 'http://keystone', username: 'glance', authType: 'password' })
    expect(config.values.keystone_authtoken.tokenCacheTime).toBe(10)
  })
})

describe('unknownOptions', () => {
  it('tells options and groups that nothing reads', () => {
    using folder = temporaryFolder()
    const { settings } = loadText(folder, '[DEFAULT]\nbind_prot = 1\nbind_port = 1\n[profiler]\nenabled = true\n')

    expect(unknownOptions(settings, new Map([['DEFAULT', [serverOptionGroups.DEFAULT]]]))).toEqual([
      `${folder.path}/glance-api.conf:2: [DEFAULT] bind_prot has no effect in this release`,
      '[profiler] has no effect in this release',
    ])
  })
})

describe('stores of a configuration', () => {
  it('come from enabled_backends with a group each', () => {
    using folder = temporaryFolder()
    const text =
      '[DEFAULT]\nenabled_backends = fast:file, web:http, tape:@acme/glance-driver-tape\n[glance_store]\ndefault_backend = fast\n[fast]\nweight = 5\nstore_description = On SSDs\n'

    const { stores } = loadText(folder, text)

    expect(stores).toMatchObject({ multiStore: true, defaultStore: 'fast' })
    expect(stores.stores.map(({ id, driver, weight, description }) => [id, driver, weight, description])).toEqual([
      ['fast', 'file', 5, 'On SSDs'],
      ['web', 'http', 0, null],
      ['tape', '@acme/glance-driver-tape', 0, null],
    ])
    expect(stores.stores[0]?.groups).toEqual(['fast', 'backend_defaults'])
  })

  it('come from stores and default_store, also by Glance’s class paths', () => {
    using folder = temporaryFolder()
    const text =
      '[glance_store]\nstores = glance.store.filesystem.Store, glance.store.http.Store, file\ndefault_store = filesystem\n'

    const { stores } = loadText(folder, text)

    expect(stores).toMatchObject({ multiStore: false, defaultStore: 'filesystem' })
    expect(stores.stores.map((store) => store.driver)).toEqual(['file', 'http'])
  })

  it.each([
    ['[DEFAULT]\nenabled_backends = a:file\n', '[glance_store] default_backend must be set when enabled_backends is'],
    [
      '[DEFAULT]\nenabled_backends = a:file\n[glance_store]\ndefault_backend = b\n',
      'glance-api.conf:4: [glance_store] default_backend must be one of a',
    ],
    [
      '[DEFAULT]\nenabled_backends = os_glance_x:file\n[glance_store]\ndefault_backend = os_glance_x\n',
      'glance-api.conf:2: [DEFAULT] enabled_backends must not use the reserved identifier os_glance_x',
    ],
    [
      '[DEFAULT]\nenabled_backends = file\n',
      'glance-api.conf:2: [DEFAULT] enabled_backends must be name:value pairs separated by commas',
    ],
    [
      '[DEFAULT]\nenabled_backends = a:file,a:http\n[glance_store]\ndefault_backend = a\n',
      'glance-api.conf:2: [DEFAULT] enabled_backends names "a" twice',
    ],
    [
      '[DEFAULT]\nenabled_backends = a:file\n[glance_store]\ndefault_backend = a\n[a]\nweight = heavy\n',
      'glance-api.conf:6: [a] weight must be a whole number',
    ],
  ])('cannot be planned from %j', (text, problem) => {
    using folder = temporaryFolder()

    expect(problemsOf(loadText(folder, text), folder)).toContain(problem)
  })
})
