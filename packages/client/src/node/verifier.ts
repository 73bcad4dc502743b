import { createHash, getHashes, type Hash } from 'node:crypto'
import { ImageDataError } from '../errors.ts'
import type { Image } from '../image.ts'

/** What to do about an image whose hash this platform cannot compute. */
export interface VerifierOptions {
  /** Take the MD5 checksum then instead of giving up. */
  readonly allowMd5Fallback?: boolean
}

/**
 * Compares image data with what the service says about them, while they pass.
 *
 * Uses `os_hash_value` with `os_hash_algo`; without these the record's `checksum`, then the MD5 of the answer. An image
 * with neither (an old record, or a location added by hand) is compared by size alone.
 */
export class Verifier {
  /** The hash in use, by the service's name, or null when there is nothing to compare with. */
  readonly algorithm: string | null
  /** Bytes passed so far. */
  bytes = 0
  readonly #image: Image
  readonly #expected: string | null
  readonly #hash: Hash | null

  /** @throws ImageDataError UNKNOWN_ALGORITHM */
  constructor(image: Image, contentMd5: string | null, options: VerifierOptions = {}) {
    this.#image = image
    const strong = strongHash(image, options)
    this.#expected = strong?.value ?? image.checksum ?? contentMd5
    this.algorithm = strong?.algorithm ?? (this.#expected === null ? null : 'md5')
    this.#hash = this.algorithm === null ? null : createHash(nodeName(this.algorithm))
  }

  update(chunk: Uint8Array): void {
    this.bytes += chunk.byteLength
    this.#hash?.update(chunk)
  }

  /** To be called once, at the end. @throws ImageDataError SIZE_MISMATCH | HASH_MISMATCH */
  check(): void {
    const { id, size } = this.#image
    if (size !== null && size !== this.bytes) {
      throw new ImageDataError('SIZE_MISMATCH', `data of image ${id} have ${this.bytes} bytes instead of ${size}`)
    }
    const actual = this.#hash?.digest('hex')
    if (actual === undefined || actual === this.#expected?.toLowerCase()) return
    const what = `data of image ${id} are damaged: their ${this.algorithm} is ${actual} instead of ${this.#expected}`
    throw new ImageDataError('HASH_MISMATCH', what)
  }
}

function strongHash(image: Image, options: VerifierOptions): { algorithm: string; value: string } | null {
  const { os_hash_algo: algorithm, os_hash_value: value } = image
  if (!algorithm || !value) return null
  if (getHashes().includes(nodeName(algorithm))) return { algorithm, value }
  if (options.allowMd5Fallback === true && image.checksum !== null) return null
  const what = `data of image ${image.id} are hashed with ${algorithm}, which this platform does not have`
  throw new ImageDataError('UNKNOWN_ALGORITHM', what)
}

// The service names hashes as Python does.
function nodeName(algorithm: string): string {
  const python: Readonly<Record<string, string>> = { blake2b: 'blake2b512', blake2s: 'blake2s256' }
  return (
    python[algorithm] ??
    algorithm
      .toLowerCase()
      .replace(/^sha3_/, 'sha3-')
      .replace(/^shake_/, 'shake')
  )
}
