import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { credentialsOf } from '../src/credentials.ts'
import { startFakeS3 } from './support/fake-s3.ts'
import { imageData, openDriver, quiet } from './support/open-driver.ts'

const none = { accessKey: undefined, secretKey: undefined, credentialsFile: undefined, credentialsProfile: 'default' }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 's3-credentials-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const profile = (key: string, name = 'default'): string =>
  `[${name}]\naws_access_key_id = ${key}\naws_secret_access_key = secret-of-the-tests\n`

describe('credentialsOf', () => {
  it('takes the keys of the options', () => {
    expect(credentialsOf({ ...none, accessKey: 'a', secretKey: 'b' })).toEqual({
      accessKeyId: 'a',
      secretAccessKey: 'b',
    })
  })

  it('leaves it to the SDK when there are neither keys nor a file', () => {
    expect(credentialsOf(none)).toBeNull()
    expect(credentialsOf({ ...none, accessKey: '', secretKey: '' })).toBeNull()
  })

  it.each([
    [{ accessKey: 'a' }, 's3_store_secret_key'],
    [{ secretKey: 'b' }, 's3_store_access_key'],
    [{ accessKey: 'a', secretKey: 'b', credentialsFile: '/file' }, 's3_store_credentials_file'],
  ])('refuses %j', (given, named) => {
    expect(() => credentialsOf({ ...none, ...given })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(named) }),
    )
  })
})

describe('a file of credentials', () => {
  it('is read again when it changes, without a restart', async () => {
    const file = join(folder, 'credentials')
    const fake = await startFakeS3()
    fake.keys.clear()
    fake.keys.add('FIRST')
    writeFileSync(file, profile('FIRST', 'images'))
    const driver = await openDriver({
      host: fake.url,
      bucket: fake.makeBucket(),
      credentialsFile: file,
      credentialsProfile: 'images',
    })
    await driver.add('one', imageData(10), { size: 10, signal: quiet })

    fake.keys.clear()
    fake.keys.add('SECOND')
    await expect(driver.check({ signal: quiet })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    writeFileSync(file, profile('SECOND', 'images'))

    await driver.check({ signal: quiet })
    await driver.add('two', imageData(10), { size: 10, signal: quiet })
    await driver.close()
    await fake.stop()
  })

  it('stops the start when it is not there', async () => {
    const fake = await startFakeS3()
    const opening = openDriver({ host: fake.url, bucket: fake.makeBucket(), credentialsFile: join(folder, 'none') })

    await expect(opening).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' })
    await fake.stop()
  })
})
