import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tlsFile } from '../../../test/support/fake-keystone.ts'
import { type FakeS3, startFakeS3 } from './support/fake-s3.ts'
import { bytesOf, imageBytes, imageData, openDriver, quiet } from './support/open-driver.ts'

const keys = { accessKey: 'ACCESS', secretKey: 'secret-of-the-tests' }

let fake: FakeS3
beforeAll(async () => {
  fake = await startFakeS3()
})
afterAll(() => fake.stop())

/** A service behind TLS: passes everything on to the fake. */
async function secureFront(): Promise<{ readonly url: string; stop(): void }> {
  const server = createTlsServer(
    { cert: readFileSync(tlsFile('origin.pem')), key: readFileSync(tlsFile('origin-key.pem')) },
    (incoming, outgoing) => {
      const { method, url, headers } = incoming
      const passed = request(`${fake.url}${url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      })
      incoming.pipe(passed)
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('S3Driver', () => {
  it('reads and deletes what Glance wrote, with its own credentials, also under a former address', async () => {
    const bucket = fake.makeBucket()
    const driver = await openDriver({ host: fake.url, bucket, ...keys, formerHosts: ['https://old.example.org/'] })
    const place = fake.url.slice('http://'.length)
    for (const host of [place, 'old.example.org']) {
      const location = `s3://OLD-KEY:old/secret@${host}/${bucket}/image`
      await driver.add('image', imageData(100), { size: 100, signal: quiet })

      expect(await driver.getSize(location, { signal: quiet })).toBe(100)
      expect(driver.canonicalLocation(location)).toBe(`s3://:@${place}/${bucket}/image`)
      await driver.delete(location, { signal: quiet })
    }
    expect(driver.canonicalLocation(`s3://K:S@${place}/other/image`)).toBe(`s3://K:S@${place}/other/image`)
    expect(driver.canonicalLocation('nonsense')).toBe('nonsense')
    await driver.close()
  })

  it('checks an https service against the authorities of its option, and trusts no other', async () => {
    const front = await secureFront()
    const options = { host: front.url, bucket: fake.makeBucket(), ...keys, attempts: 1 }

    await expect(openDriver(options)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const driver = await openDriver({ ...options, caCertificatesFile: tlsFile('authority.pem') })
    const { location } = await driver.add('image', imageData(1000), { size: 1000, signal: quiet })

    expect(location).toMatch(/^s3\+https:\/\/:@127\.0\.0\.1:\d+\//)
    const { body } = await driver.get(location, { offset: 0, length: null, signal: quiet })
    expect(await bytesOf(body)).toEqual(imageBytes(1000))
    await driver.close()
    front.stop()
  })

  it('makes a bucket once for many first images, and only when it may', async () => {
    const options = { host: fake.url, bucket: 'made-on-put', ...keys }
    await expect(openDriver(options)).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' })

    const driver = await openDriver({ ...options, createBucket: true })
    await driver.check({ signal: quiet })
    await driver.discard('a', { signal: quiet })
    expect(fake.buckets.has('made-on-put')).toBe(false)
    await Promise.all(['a', 'b', 'c'].map((id) => driver.add(id, imageData(10), { size: 10, signal: quiet })))

    expect(fake.names('made-on-put').toSorted()).toEqual(['a', 'b', 'c'])
    expect(fake.count('CreateBucket')).toBe(1)
    await driver.close()
  })

  it('sends small images in one request and large ones in parts, by the options', async () => {
    const bucket = fake.makeBucket()
    const mebibyte = 1024 ** 2
    const driver = await openDriver({
      ...{ host: fake.url, bucket, ...keys },
      ...{ largeObjectSize: 8 * mebibyte, partSize: 5 * mebibyte, parallelParts: 1 },
    })
    const sent = async (id: string, bytes: number, size: number | null): Promise<readonly number[]> => {
      fake.requests.length = 0
      await driver.add(id, imageData(bytes), { size, signal: quiet })
      const parts = fake.requests.filter(({ operation }) => operation === 'PutObject' || operation === 'UploadPart')
      return parts.map(({ bodyBytes }) => bodyBytes)
    }

    expect(await sent('a', 7 * mebibyte, 7 * mebibyte)).toEqual([7 * mebibyte])
    expect(await sent('b', 8 * mebibyte, 8 * mebibyte)).toEqual([5 * mebibyte, 3 * mebibyte])
    expect(await sent('c', 5 * mebibyte, null)).toEqual([5 * mebibyte])
    expect(await sent('d', 6 * mebibyte, null)).toEqual([5 * mebibyte, mebibyte])
    expect(await sent('e', 0, null)).toEqual([0])
    await driver.close()
  })

  it('adds checksums to requests only when data integrity protection is on', async () => {
    const bucket = fake.makeBucket()
    const crc = async (id: string, dataIntegrity: boolean): Promise<boolean> => {
      const driver = await openDriver({
        ...{ host: fake.url, bucket, ...keys, dataIntegrity },
        ...{ requestChecksums: 'when_supported', responseChecksums: 'when_supported' },
      })
      fake.requests.length = 0
      const { location } = await driver.add(id, imageData(100), { size: 100, signal: quiet })
      const { body } = await driver.get(location, { offset: 0, length: null, signal: quiet })
      expect(await bytesOf(body)).toEqual(imageBytes(100))
      await driver.close()
      const put = fake.requests.find(({ operation }) => operation === 'PutObject')
      return put?.headers['x-amz-checksum-crc32'] !== undefined
    }

    expect(await crc('without', false)).toBe(false)
    expect(await crc('with', true)).toBe(true)
  })

  it('copies nothing from another service, and nothing that its credentials do not reach', async () => {
    const bucket = fake.makeBucket()
    const driver = await openDriver({ host: fake.url, bucket, ...keys })
    const place = fake.url.slice('http://'.length)
    const copy = (location: string) => driver.copy('copy', { location, size: 10 }, { signal: quiet })

    expect(await copy(`s3://:@elsewhere.example.org/${bucket}/image`)).toBeNull()
    fake.faults.push(
      { on: 'HeadObject', fault: { kind: 'answer', status: 404, code: 'NotFound' }, times: 1 },
      { on: 'HeadObject', fault: { kind: 'answer', status: 403, code: 'AccessDenied' }, times: 1 },
    )
    expect(await copy(`s3://:@${place}/theirs/image`)).toBeNull()
    expect(fake.names(bucket)).toEqual([])
    await driver.close()
  })

  it('refuses to copy an object that has another size than its record says', async () => {
    const bucket = fake.makeBucket()
    const driver = await openDriver({ host: fake.url, bucket, ...keys })
    const { location } = await driver.add('image', imageData(10), { size: 10, signal: quiet })

    await expect(driver.copy('copy', { location, size: 11 }, { signal: quiet })).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    })
    expect(fake.names(bucket)).toEqual(['image'])
    await driver.close()
  })

  it('tells operators the sizes of parts in the units of Glance', async () => {
    const driver = await openDriver({ host: fake.url, bucket: fake.makeBucket(), ...keys })

    expect(driver.facts).toEqual({
      s3_store_large_object_size: 100,
      s3_store_large_object_chunk_size: 10,
      s3_store_thread_pools: 10,
    })
    await driver.close()
  })

  it('says TIMEOUT when a service accepts connections and answers nothing', async () => {
    const deaf = createServer()
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
    const host = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`

    await expect(openDriver({ host, bucket: 'images', ...keys, attempts: 1, idleTimeout: 0.1 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    deaf.closeAllConnections()
    deaf.close()
  })
})
