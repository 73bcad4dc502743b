import { onTestFinished } from 'vitest'
import { type FakeKeystone, goodPassword, startFakeKeystone } from '../../../../test/support/fake-keystone.ts'
import { type ConnectionOptions, KeystoneConnection, type LoginOptions, Session } from '../../src/index.ts'

/** A signal that never fires. */
export const never: AbortSignal = new AbortController().signal

/** The log-in that the fake takes. */
export const login: LoginOptions = {
  username: 'glance',
  password: goodPassword,
  userDomainName: 'Default',
  projectName: 'service',
  projectDomainName: 'Default',
}

/** A fake that stops at the end of the test. */
export async function aKeystone(setup: Parameters<typeof startFakeKeystone>[0] = {}): Promise<FakeKeystone> {
  const fake = await startFakeKeystone(setup)
  onTestFinished(() => fake.stop())
  return fake
}

/** A connection that closes at the end of the test. It tries again at once. */
export function aConnection(authUrl: string, options: Partial<ConnectionOptions> = {}): KeystoneConnection {
  const connection = new KeystoneConnection({ authUrl, retryDelayMs: 0, ...options })
  onTestFinished(() => connection.close())
  return connection
}

/** A session with a fake. */
export function aSession(fake: FakeKeystone, options: Partial<LoginOptions> = {}): Session {
  return new Session(aConnection(fake.url), { ...login, ...options })
}
