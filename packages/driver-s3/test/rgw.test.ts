/** The driver on a real service: Ceph's gateway. */
import type { RawOptions } from '@glance/conformance'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type CephProcess, type Gateway, startCeph } from '../../../test/support/ceph-process.ts'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { conform, inParts, inRanges } from './support/conform.ts'
import { bytesOf, imageBytes, imageData, openDriver, quiet } from './support/open-driver.ts'
import { TestBuckets } from './support/s3-buckets.ts'
import { resolveTestNames } from './support/test-names.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })
resolveTestNames()

describeWithBackend({ describe, it }, 'rgw', probeOf('rgw'), "driver-s3 on Ceph's gateway", () => {
  let ceph: CephProcess
  let gateway: Gateway
  let buckets: TestBuckets

  beforeAll(async () => {
    ceph = await startCeph({ gateway: true })
    if (!ceph.gateway) throw new Error('the cluster has no gateway')
    gateway = ceph.gateway
    buckets = new TestBuckets({ ...gateway, ...gateway.glance })
  })
  afterAll(async () => {
    buckets?.close()
    await ceph?.[Symbol.asyncDispose]()
  })

  const optionsFor = async (more: RawOptions): Promise<RawOptions> => ({
    s3_store_host: gateway.url,
    s3_store_region_name: gateway.region,
    s3_store_access_key: gateway.glance.accessKey,
    s3_store_secret_key: gateway.glance.secretKey,
    s3_store_bucket: await buckets.make(),
    ...(more['s3_store_bucket_url_format'] === 'virtual' && {
      s3_store_host: gateway.url.replace('127.0.0.1', gateway.dnsName),
    }),
    ...more,
  })
  for (const [title, more] of [
    ['images in parts, bucket in the host name', { ...inParts, s3_store_bucket_url_format: 'virtual' }],
    ['images in ranges', inRanges],
  ] as const satisfies readonly (readonly [string, RawOptions])[])
    conform(title, {
      options: () => optionsFor(more),
      release: (options) => buckets.remove(String(options['s3_store_bucket'])),
      leftovers: (options) => buckets.names(String(options['s3_store_bucket'])),
    })

  const openWith = (bucket: string, user = gateway.glance) =>
    openDriver({ host: gateway.url, region: gateway.region, bucket, createBucket: true, ...user })

  it('makes its bucket before the first image, in the region that is named', async () => {
    const driver = await openWith('made-on-put')

    const { location } = await driver.add('one', imageData(1000), { size: 1000, signal: quiet })

    const { body } = await driver.get(location, { offset: 0, length: null, signal: quiet })
    expect(await bytesOf(body)).toEqual(imageBytes(1000))
    await driver.delete(location, { signal: quiet })
    await driver.close()
    await buckets.remove('made-on-put')
  })

  it("does not open on somebody else's bucket", async () => {
    const bucket = await buckets.make()

    await expect(openWith(bucket, gateway.other)).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' })

    await buckets.remove(bucket)
  })

  it('says STORE_FULL when the quota of the bucket is used up', async () => {
    const bucket = await buckets.make()
    const driver = await openWith(bucket)
    const quota = ['--quota-scope=bucket', '--uid=glance', '--bucket', bucket]
    await ceph.run('radosgw-admin', 'quota', 'set', ...quota, '--max-objects=1')
    await ceph.run('radosgw-admin', 'quota', 'enable', ...quota)
    await driver.add('first', imageData(10), { size: 10, signal: quiet })

    await expect(driver.add('second', imageData(10), { size: 10, signal: quiet })).rejects.toMatchObject({
      code: 'STORE_FULL',
    })

    await driver.close()
    await buckets.remove(bucket)
  })
})
