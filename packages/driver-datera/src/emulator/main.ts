/** The command `datera-emulator`: runs an emulator until it is told to stop, and says how to use it. */
import { parseArgs } from 'node:util'
import { DateraEmulator } from './emulator.ts'

const usage = `Usage: datera-emulator [options]

Runs an emulated Datera system: the management API over HTTP, and real iSCSI disks on loopback by tgtd
(Debian: tgt). No root. Images are files of a temporary folder and end with the command.

  --port N           port of the API (default 7717)
  --login NAME       user (default admin)
  --password TEXT    password (default password)
  --software V       version of the system's software (default 3.2.4.0)
  --capacity GIB     GiB of all volumes with their replicas (default 1000000)
  --help             show this
`

async function main(): Promise<number> {
  let values: { port: string; login: string; password: string; software: string; capacity: string; help: boolean }
  try {
    values = parseArgs({
      options: {
        port: { type: 'string', default: '7717' },
        login: { type: 'string', default: 'admin' },
        password: { type: 'string', default: 'password' },
        software: { type: 'string', default: '3.2.4.0' },
        capacity: { type: 'string', default: '1000000' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return 2
  }
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const [port, capacityGib] = [Number(values.port), Number(values.capacity)]
  if (!Number.isSafeInteger(port) || !Number.isSafeInteger(capacityGib)) {
    process.stderr.write(usage)
    return 2
  }
  const { login, password, software: softwareVersion } = values
  const emulator = await DateraEmulator.start({ port, login, password, softwareVersion, capacityGib })
  const options = Object.entries(emulator.options).map(([name, value]) => `${name} = ${value}`)
  process.stdout.write(
    `An emulated system answers. In glance-api.conf:\n\n[DEFAULT]\nenabled_backends = edf:datera\n\n[glance_store]\ndefault_backend = edf\n\n[edf]\n${options.join('\n')}\n`,
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await emulator.close()
  return 0
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`datera-emulator: ${error instanceof Error ? error.message : error}\n`)
  return 1
})
