/**
 * Benchmarks: `pnpm bench [NAME …] [--quick] [--write]`. Without names, those that need nothing but this tree; the others need a backend of `tools/backends.ts`.
 *
 * `--quick` takes sizes for a look of a minute, `--write` puts the tables into bench/README.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { build } from '../tools/command.ts'
import { driverS3 } from './driver-s3.ts'
import { driverSwift } from './driver-swift.ts'
import { iscsi } from './iscsi.ts'
import { rbd } from './rbd.ts'
import { requests } from './requests.ts'
import { markdownTable } from './support/table.ts'
import { throughput } from './throughput.ts'

/** One benchmark: its tables in Markdown. */
interface Benchmark {
  /** Whether it needs a backend, so that it runs only when it is named. */
  readonly needsBackend: boolean
  readonly run: (quick: boolean) => Promise<string>
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  throughput: {
    needsBackend: false,
    run: async (quick) =>
      markdownTable(
        await throughput(
          quick ? { large: 256, each: 8, uploads: 32, rounds: 1 } : { large: 1024, each: 32, uploads: 32, rounds: 3 },
        ),
      ),
  },
  requests: {
    needsBackend: false,
    run: async (quick) => {
      const { records, lists } = await requests(
        quick
          ? { records: 500, images: [100, 2_000], pages: 50 }
          : { records: 3_000, images: [100, 10_000, 100_000], pages: 500 },
      )
      return `${markdownTable(records)}\n\n${markdownTable(lists)}`
    },
  },
  iscsi: {
    needsBackend: true,
    run: async (quick) => markdownTable(await iscsi(quick ? { size: 256, rounds: 1 } : { size: 512, rounds: 5 })),
  },
  rbd: {
    needsBackend: true,
    run: async (quick) => markdownTable(await rbd(quick ? { mib: 256, rounds: 1 } : { mib: 1024, rounds: 3 })),
  },
  s3: {
    needsBackend: true,
    run: async (quick) => markdownTable(await driverS3(quick ? { large: 256, rounds: 1 } : { large: 1024, rounds: 3 })),
  },
  swift: {
    needsBackend: true,
    run: async (quick) =>
      markdownTable(await driverSwift(quick ? { size: 256, rounds: 1 } : { size: 1024, rounds: 3 })),
  },
}

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const named = args.filter((arg) => !arg.startsWith('--'))
const unknown = named.filter((name) => !Object.hasOwn(benchmarks, name))
if (unknown.length > 0)
  throw new Error(`no such benchmark: ${unknown.join(', ')} (there are ${Object.keys(benchmarks).join(', ')})`)

const built = await build()
if (built.code !== 0) throw new Error(`the packages cannot be built:\n${built.output}`)

const results: Record<string, string> = {}
for (const [name, { needsBackend, run }] of Object.entries(benchmarks))
  if (named.length === 0 ? !needsBackend : named.includes(name)) results[name] = await run(quick)

const machine = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB`
for (const [name, table] of Object.entries(results)) console.log(`\n## ${name} (${machine})\n\n${table}`)
if (args.includes('--write')) {
  const file = join(import.meta.dirname, 'README.md')
  let text = readFileSync(file, 'utf8')
  for (const [name, table] of Object.entries(results)) {
    text = text.replace(
      new RegExp(`<!-- ${name}:start -->.*<!-- ${name}:end -->`, 's'),
      `<!-- ${name}:start -->\n\nMeasured ${machine}.\n\n${table}\n\n<!-- ${name}:end -->`,
    )
  }
  writeFileSync(file, text)
}
