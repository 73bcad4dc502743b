/**
 * What outside this repository some suites need, how to tell that it is there, and how to get it.
 *
 * A suite asks through `test/support/require-backend.ts` and shows itself as skipped when its backend is absent.
 * `REQUIRE_BACKENDS=all` (or a comma list of the names below) makes `pnpm test` install what is missing first and turns
 * those skips into failures.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { run } from './command.ts'

/** Tells whether a backend is there: true, or a sentence saying what is missing. */
export type Probe = () => true | string

/** One row of the table. */
export interface Backend {
  readonly probe: Probe
  /** Debian packages that bring it. */
  readonly debianPackages: readonly string[]
  /** Run in order, after the packages are there, while the probe still says no. */
  readonly commands: readonly (readonly [string, ...string[]])[]
  /** What a person does to get it, in one sentence. */
  readonly advice: string
}

/** Debian's `glance` by its path: ours has the same name and comes first in the path of a script of this workspace. */
export const debianGlance = '/usr/bin/glance'

/** Where Debian puts bootable images small enough for a test. */
export const bootableImages: readonly string[] = [
  '/usr/lib/grub-rescue/grub-rescue-cdrom.iso',
  '/usr/lib/memtest86+/memtest86+x64.iso',
]

function missingCommands(...commands: readonly string[]): true | string {
  const missing = commands.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0)
  return missing.length === 0 || `${missing.join(' and ')} not found`
}

function keystoneProbe(): true | string {
  const commands = missingCommands('keystone-manage', 'uwsgi')
  if (commands !== true) return commands
  return existsSync('/usr/lib/uwsgi/plugins/python3_plugin.so') || "uwsgi's plug-in for Python not found"
}

/** What the stores of Glance speak to their backends with, by the names of Python. */
function glanceStoresProbe(): true | string {
  const commands = missingCommands('glance-api', 'glance-manage', '/usr/bin/python3')
  if (commands !== true) return commands
  const script = 'import sys, importlib.util as u; print(*[m for m in sys.argv[1:] if u.find_spec(m) is None])'
  const modules = ['rados', 'rbd', 'boto3', 'swiftclient']
  const missing = spawnSync('/usr/bin/python3', ['-c', script, ...modules], { encoding: 'utf8' }).stdout.trim()
  return missing === '' || `Debian's Python does not find ${missing}`
}

function tgtProbe(): true | string {
  const commands = missingCommands('tgtd', 'tgtadm', 'iscsi-ls', 'iscsi-test-cu', 'qemu-img')
  if (commands !== true) return commands
  const formats = spawnSync('qemu-img', ['--help'], { encoding: 'utf8' }).stdout
  return / iscsi /.test(formats) || 'qemu-img does not know iscsi'
}

function swiftProbe(): true | string {
  const commands = missingCommands('swift-proxy-server', 'swift-object-server', 'swift-container-server', 'memcached')
  if (commands !== true) return commands
  return existsSync('/usr/lib/python3/dist-packages/keystonemiddleware') || "Debian's keystonemiddleware not found"
}

const mountScript = 'd=$(mktemp -d) && mount -t tmpfs -o size=16m none "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s'

/**
 * How a test gets a file system of a few MiB: `mount` when this process may mount a tmpfs itself, `namespace` when a
 * child of `unshare --user --map-root-user --mount` may, undefined when neither works.
 */
export function smallDiskWay(): 'mount' | 'namespace' | undefined {
  if (spawnSync('sh', ['-c', mountScript]).status === 0) return 'mount'
  const inNamespace = ['--user', '--map-root-user', '--mount', 'sh', '-c', mountScript]
  return spawnSync('unshare', inNamespace).status === 0 ? 'namespace' : undefined
}

/** The table. */
export const backends: Readonly<Record<string, Backend>> = {
  'openstack-clients': {
    probe: () => missingCommands(debianGlance, 'openstack'),
    debianPackages: ['python3-glanceclient', 'python3-openstackclient'],
    commands: [],
    advice: 'install the commands glance and openstack (Debian: python3-glanceclient, python3-openstackclient)',
  },
  'glance-api': {
    probe: () => missingCommands('glance-api', 'glance-manage'),
    debianPackages: ['glance-api'],
    commands: [],
    advice: 'install the commands glance-api and glance-manage (Debian: glance-api; nothing needs to run)',
  },
  'glance-api-stores': {
    probe: glanceStoresProbe,
    debianPackages: ['glance-api', 'python3-rados', 'python3-rbd', 'python3-boto3', 'python3-swiftclient'],
    commands: [],
    advice:
      'install glance-api, python3-rados, python3-rbd, python3-boto3 and python3-swiftclient (Debian), and what the rows rgw, swift and keystone say',
  },
  keystone: {
    probe: keystoneProbe,
    debianPackages: ['keystone', 'uwsgi-core', 'uwsgi-plugin-python3'],
    commands: [],
    advice: 'install keystone, uwsgi-core and uwsgi-plugin-python3 (Debian)',
  },
  ceph: {
    probe: () => missingCommands('ceph', 'rbd', 'ceph-mon', 'ceph-osd'),
    debianPackages: ['ceph-common', 'ceph-mon', 'ceph-osd'],
    commands: [],
    advice: 'install ceph-common, ceph-mon and ceph-osd (Debian; nothing needs to run)',
  },
  rgw: {
    probe: () => missingCommands('ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin'),
    debianPackages: ['ceph-common', 'ceph-mon', 'ceph-osd', 'radosgw'],
    commands: [],
    advice: 'install ceph-common, ceph-mon, ceph-osd and radosgw (Debian; nothing needs to run)',
  },
  swift: {
    probe: swiftProbe,
    debianPackages: [
      'swift-proxy',
      'swift-account',
      'swift-container',
      'swift-object',
      'memcached',
      'python3-keystonemiddleware',
    ],
    commands: [],
    advice:
      'install swift-proxy, swift-account, swift-container, swift-object, memcached and python3-keystonemiddleware (Debian; nothing needs to run)',
  },
  'bootable-image': {
    probe: () =>
      bootableImages.some((path) => existsSync(path))
        ? missingCommands('qemu-img')
        : `no bootable image at ${bootableImages.join(', ')}`,
    debianPackages: ['grub-rescue-pc', 'qemu-utils'],
    commands: [],
    advice: 'install grub-rescue-pc and qemu-utils (Debian)',
  },
  tgt: {
    probe: tgtProbe,
    debianPackages: ['tgt', 'libiscsi-bin', 'qemu-utils', 'qemu-block-extra'],
    commands: [],
    advice: 'install tgt, libiscsi-bin, qemu-utils and qemu-block-extra (Debian; nothing needs to run)',
  },
  'small-disk': {
    probe: () => smallDiskWay() !== undefined || 'a tmpfs can be mounted neither directly nor in a user namespace',
    debianPackages: ['mount', 'util-linux'],
    commands: [],
    advice: 'run as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)',
  },
}

/**
 * The names that a value of REQUIRE_BACKENDS asks for. Throws on a name that is not in the table: a misspelt name
 * would otherwise require nothing.
 */
export function requiredBackends(value: string | undefined): readonly string[] {
  const names = (value ?? '').split(',').flatMap((name) => name.trim() || [])
  if (names.includes('all')) return Object.keys(backends)
  const unknown = names.filter((name) => !Object.hasOwn(backends, name))
  if (unknown.length === 0) return names
  throw new Error(
    `REQUIRE_BACKENDS: no such backend: ${unknown.join(', ')} (there are ${Object.keys(backends).join(', ')})`,
  )
}

const aptOptions = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2', '-q', '-y'] as const
const aptEnvironment = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' } as const

async function installDebianPackages(packages: readonly string[]): Promise<string | undefined> {
  if (missingCommands('apt-get') !== true) return 'apt-get is not on this machine'
  if (process.getuid?.() !== 0) return 'installing needs root'
  const apt = (...args: readonly string[]): ReturnType<typeof run> =>
    run('apt-get', [...aptOptions, ...args], { environment: aptEnvironment })
  const install = ['install', '--no-install-recommends', ...packages]
  const first = await apt(...install)
  if (first.code === 0) return undefined
  // The usual cause is a list of packages older than the mirror.
  const update = await apt('update')
  const second = update.code === 0 ? await apt(...install) : update
  return second.code === 0 ? undefined : `apt-get failed:\n${second.output.trim().split('\n').slice(-15).join('\n')}`
}

/**
 * Makes a backend of the table available: installs its packages and runs its commands when its probe says no.
 *
 * Returns undefined when it is there afterwards, else what is wrong and what to do.
 */
export async function setUpBackend(name: string): Promise<string | undefined> {
  const row = backends[name]
  if (!row) return `no such backend: ${name}`
  if (row.probe() === true) return undefined
  const problem = await installDebianPackages(row.debianPackages)
  let failure = problem
  for (const [program, ...args] of problem ? [] : row.commands) {
    const result = await run(program, args)
    if (result.code === 0) continue
    failure = `${program} ${args.join(' ')} failed:\n${result.output.trim()}`
    break
  }
  const state = row.probe()
  if (state === true) return undefined
  return `${state}${failure ? `; ${failure}` : ''}\n${name}: ${row.advice}`
}
