import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readAuthorities } from '../src/index.ts'

const certificate = readFileSync(new URL('../../../test/support/tls/authority.pem', import.meta.url), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'pem-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('readAuthorities', () => {
  it('reads the text of a file with certificates, and whatever stands between them', async () => {
    const file = join(folder, 'two.pem')
    const text = `# one\n${certificate}# the other\n${certificate}# the end\n`
    writeFileSync(file, text)

    expect(await readAuthorities('ca_file', file)).toBe(text)
  })

  it.each([
    ['is not there', null],
    ['is empty', ''],
    ['holds a key and no certificate', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['holds a broken certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['breaks off in its second certificate', certificate + certificate.slice(0, 200)],
  ])('rejects a file that %s, and says which option named it', async (why, text) => {
    const file = join(folder, why)
    if (text !== null) writeFileSync(file, text)

    const error = await readAuthorities('ca_file', file).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: `ca_file: ${JSON.stringify(file)} is no readable file of certificates`,
      cause: expect.any(Error),
    })
  })
})
