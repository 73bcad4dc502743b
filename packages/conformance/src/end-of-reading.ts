import { isStoreError, type StoreError } from '@glance/core'
import { Comparison, type Payload } from './bytes.ts'
import { Finding, inWords, must } from './finding.ts'
import type { Reader } from './store-under-test.ts'

/**
 * Reads on after the reason to read was taken away, and checks that the body ends with ABORTED.
 *
 * What the driver had read ahead may still come. A body that ends as if it were whole is wrong, unless it was whole: a driver may have given
 * every byte before the abort.
 *
 * @param first - the chunk that was read before
 * @returns the error that the body ended with, null when every byte had come
 */
export async function endOfReading(
  reader: Reader,
  what: string,
  expected: Payload,
  first: Uint8Array | null,
): Promise<{ readonly error: StoreError | null }> {
  const comparison = new Comparison(expected)
  if (first) comparison.push(first)
  const wholeAtFirst = comparison.got === expected.size
  try {
    for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) comparison.push(chunk)
  } catch (error) {
    if (error instanceof Finding) throw error
    must(isStoreError(error), `${what} ended with ${inWords(error)}, which is no StoreError`)
    must(error.code === 'ABORTED', `${what} ended with ${inWords(error)} instead of ABORTED`)
    return { error }
  }
  comparison.end()
  must(wholeAtFirst, `${what} was read to its end`)
  return { error: null }
}
