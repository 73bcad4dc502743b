import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { StoreError } from './errors.ts'

/**
 * Reads the certificate authorities that an option names, and looks at each: Node takes any text for authorities, and then trusts nobody, which looks as if the backend were at fault.
 *
 * @param option - name of the option, for the message
 * @param file - path of a PEM file, in which other text may stand too
 * @returns its text
 * @throws StoreError BAD_CONFIGURATION when the file cannot be read, or holds no certificate or a broken one
 */
export async function readAuthorities(option: string, file: string): Promise<string> {
  try {
    const pem = await readFile(file, 'utf8')
    const [, ...certificates] = pem.split('-----BEGIN CERTIFICATE-----')
    if (certificates.length === 0) throw new TypeError('the file holds no certificate')
    for (const rest of certificates) new X509Certificate(`-----BEGIN CERTIFICATE-----${rest}`)
    return pem
  } catch (cause) {
    const message = `${option}: ${JSON.stringify(file)} is no readable file of certificates`
    throw new StoreError('BAD_CONFIGURATION', message, { cause })
  }
}
