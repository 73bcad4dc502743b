import type { Authenticator, Identity } from './identity.ts'

/** Everybody is an administrator, as in Glance's pipeline without authentication. Only for loopback unless forced. */
export const noauth: Authenticator = {
  challenge: 'None',
  async identify(): Promise<Identity> {
    return { user: null, project: null, roles: ['admin'] }
  },
}
