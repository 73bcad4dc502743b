import type { Credentials } from '../../src/auth/identity.ts'

/** What a request brings beside its token: nothing of interest unless said. */
export function credentials(given: Partial<Credentials> = {}): Credentials {
  return { serviceToken: null, method: 'GET', path: '/v2/images', signal: new AbortController().signal, ...given }
}
