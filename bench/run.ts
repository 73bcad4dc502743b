/**
 * All benchmarks, or those named: `pnpm bench [throughput] [requests] [driver-swift] [--quick] [--write]`.
 *
 * `--quick` takes sizes for a look of a minute, `--write` puts the tables into bench/README.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { build } from '../tools/command.ts'
import { driverSwift } from './driver-swift.ts'
import { requests } from './requests.ts'
import { markdownTable } from './support/table.ts'
import { throughput } from './throughput.ts'

const built = await build()
if (built.code !== 0) throw new Error(`the packages cannot be built:\n${built.output}`)

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const named = args.filter((arg) => !arg.startsWith('--'))
const wanted = (name: string): boolean => named.length === 0 || named.includes(name)

const results: Record<string, string> = {}
if (wanted('throughput')) {
  const rows = await throughput(
    quick ? { large: 256, each: 8, uploads: 32, rounds: 1 } : { large: 1024, each: 32, uploads: 32, rounds: 3 },
  )
  results['throughput'] = markdownTable(rows)
}
if (wanted('requests')) {
  const { records, lists } = await requests(
    quick
      ? { records: 500, images: [100, 2_000], pages: 50 }
      : { records: 3_000, images: [100, 10_000, 100_000], pages: 500 },
  )
  results['requests'] = `${markdownTable(records)}\n\n${markdownTable(lists)}`
}
if (wanted('driver-swift'))
  results['driver-swift'] = markdownTable(
    await driverSwift(quick ? { size: 256, rounds: 1 } : { size: 1024, rounds: 3 }),
  )

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
