/**
 * The s3 driver against boto3, Amazon's own client for Python, on Ceph's gateway: one large image up and down, with the same parts.
 *
 * Both run in processes of their own, in turn; the middle round counts. Memory is what the process takes at the most, Node itself included.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Gateway, startCeph } from '../test/support/ceph-process.ts'
import { median, type Row } from './support/table.ts'

const run = promisify(execFile)

interface Measures {
  readonly put: { readonly mbPerSecond: number; readonly peakMiB: number }
  readonly get: { readonly mbPerSecond: number; readonly peakMiB: number }
}

/** What boto3 does with a file in memory and a target that keeps nothing. */
const native = `
import boto3, botocore.config, json, os, resource, time
from boto3.s3.transfer import TransferConfig
o = json.loads(os.environ['BENCH_S3']); size = o['bytes']; o = o['options']
s3 = boto3.client('s3', endpoint_url=o['s3_store_host'], region_name=o['s3_store_region_name'],
    aws_access_key_id=o['s3_store_access_key'], aws_secret_access_key=o['s3_store_secret_key'],
    config=botocore.config.Config(s3={'addressing_style': 'path'}))
config = TransferConfig(multipart_chunksize=10 << 20, max_concurrency=10)
class Data:
    left = size; block = os.urandom(1 << 20) * 10
    def read(self, n=-1):
        n = min(self.left, len(self.block) if n < 0 else n); self.left -= n; return self.block[:n]
class Nothing:
    def write(self, data): pass
    def seek(self, *a): pass
def measured(work):
    start = time.monotonic(); work()
    return {'mbPerSecond': size / 1e6 / (time.monotonic() - start), 'peakMiB': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
b = o['s3_store_bucket']
put = measured(lambda: s3.upload_fileobj(Data(), b, 'native', Config=config))
get = measured(lambda: s3.download_fileobj(b, 'native', Nothing(), Config=config))
s3.delete_object(Bucket=b, Key='native')
print(json.dumps({'put': put, 'get': get}))
`

/** Measures and returns the rows of the table. `large` is in MiB. */
export async function driverS3({
  large,
  rounds,
}: {
  readonly large: number
  readonly rounds: number
}): Promise<readonly Row[]> {
  await using ceph = await startCeph({ gateway: true })
  if (!ceph.gateway) throw new Error('the cluster has no gateway')
  const order = JSON.stringify({ options: optionsFor(ceph.gateway), bytes: large * 1024 ** 2 })
  const side = async (program: string, args: readonly string[]): Promise<Measures> => {
    const env = { ...process.env, BENCH_S3: order, NODE_OPTIONS: '--conditions=@glance/source' }
    return JSON.parse((await run(program, [...args], { env })).stdout) as Measures
  }
  const sides: { readonly name: string; readonly found: Measures[] }[] = [
    { name: 'boto3', found: [] },
    { name: 'driver-s3', found: [] },
  ]
  for (let round = 0; round < rounds; round += 1) {
    // The driver makes the bucket.
    sides[1]?.found.push(await side(process.execPath, [join(import.meta.dirname, 'support', 's3-side.ts')]))
    sides[0]?.found.push(await side('/usr/bin/python3', ['-c', native]))
  }
  const verbs = ['put', 'get'] as const
  return verbs.flatMap((verb) => {
    const rates = sides.map(({ found }) => median(found.map((each) => each[verb].mbPerSecond)))
    return sides.map(({ name, found }, index) => ({
      what: index === 0 ? `${verb}, ${large} MiB` : '',
      side: name,
      'MB/s': String(Math.round(rates[index] ?? 0)),
      'peak RSS, MiB': String(Math.round(median(found.map((each) => each[verb].peakMiB)))),
      ratio: index === 0 ? '' : `${((rates[1] ?? 0) / (rates[0] ?? 1)).toFixed(2)} x the rate`,
    }))
  })
}

function optionsFor({ url, region, glance }: Gateway): Readonly<Record<string, string>> {
  return {
    s3_store_host: url,
    s3_store_region_name: region,
    s3_store_access_key: glance.accessKey,
    s3_store_secret_key: glance.secretKey,
    s3_store_bucket: 'bench',
    s3_store_create_bucket_on_put: 'true',
  }
}
