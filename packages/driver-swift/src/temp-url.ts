import { createHmac } from 'node:crypto'

/** What a temporary URL is made of. */
export interface TempUrl {
  /** Storage URL, container and object, escaped. */
  readonly url: string
  /** The key of the account or of the container. A secret. */
  readonly key: string
  /** Seconds since 1970. */
  readonly expires: number
  readonly digest: 'sha256' | 'sha1'
}

/** A URL from which an object can be read without a token until it expires (Swift, "TempURL"). */
export function tempUrl({ url, key, expires, digest }: TempUrl): string {
  const { pathname } = new URL(url)
  const signature = createHmac(digest, key)
    .update(`GET\n${expires}\n${decodeURIComponent(pathname)}`)
    .digest('hex')
  return `${url}?temp_url_sig=${signature}&temp_url_expires=${expires}`
}
