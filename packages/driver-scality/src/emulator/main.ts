/** The command `sproxyd-emulator`: runs an emulator until it is told to stop, and says how to use it. */
import { parseArgs } from 'node:util'
import type { ConfForm } from './conf.ts'
import { SproxydEmulator } from './emulator.ts'

const usage = `Usage: sproxyd-emulator [options]

Runs connectors of an emulated Scality RING. Objects are kept in memory and end with the command.

  --port N          port of the first connector, the others follow (default 8181)
  --connectors N    number of connectors (default 2)
  --address HOST    address to listen at (default 127.0.0.1)
  --alias NAME      name of the ring's driver, may be repeated (default chord_path)
  --conf FORM       form of .conf: json, compact or lines (default json)
  --keys-only       switch by_path_enabled off
  --capacity BYTES  most bytes of all objects (default 1073741824)
  --credentials USER:PASSWORD   ask for Basic authentication
  --help            show this
`

async function main(): Promise<number> {
  let values: ReturnType<typeof read>
  try {
    values = read()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return 2
  }
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const [port, connectors, capacity] = [values.port, values.connectors, values.capacity].map(Number)
  if (
    ![port, connectors, capacity].every(Number.isSafeInteger) ||
    !['json', 'compact', 'lines'].includes(values.conf)
  ) {
    process.stderr.write(usage)
    return 2
  }
  const emulator = await SproxydEmulator.start({
    port: port ?? 0,
    connectors: connectors ?? 0,
    capacity: capacity ?? 0,
    address: values.address,
    aliases: values.alias,
    conf: values.conf as ConfForm,
    byPath: !values['keys-only'],
    ...(values.credentials === undefined ? {} : { credentials: values.credentials }),
  })
  process.stdout.write(
    `An emulated ring answers. In glance-api.conf:\n\n[DEFAULT]\nenabled_backends = ring:scality\n\n[glance_store]\ndefault_backend = ring\n\n[ring]\nscality_sproxyd_endpoints = ${emulator.endpoints().join(',')}\n`,
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await emulator.close()
  return 0
}

function read(): {
  port: string
  connectors: string
  address: string
  alias: string[]
  conf: string
  'keys-only': boolean
  capacity: string
  credentials?: string | undefined
  help: boolean
} {
  return parseArgs({
    options: {
      port: { type: 'string', default: '8181' },
      connectors: { type: 'string', default: '2' },
      address: { type: 'string', default: '127.0.0.1' },
      alias: { type: 'string', multiple: true, default: ['chord_path'] },
      conf: { type: 'string', default: 'json' },
      'keys-only': { type: 'boolean', default: false },
      capacity: { type: 'string', default: String(1024 ** 3) },
      credentials: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`sproxyd-emulator: ${error instanceof Error ? error.message : error}\n`)
  return 1
})
