/** From addresses to a connection that is logged in: portals in their order, and redirections of the target. */
import { randomBytes } from 'node:crypto'
import { Connection, type ConnectionLimits } from './connection.ts'
import { abortedError, IscsiError } from './errors.ts'
import { LoginExchange } from './login.ts'
import { formatPortal, parsePortal, type ResolvedPortalOptions } from './options.ts'
import { field } from './pdu.ts'
import { Wire } from './wire.ts'

/** A target that sends us round in circles is broken. */
const maxRedirects = 3

/** What to log in to, and as what. */
export interface DialPlan {
  readonly options: ResolvedPortalOptions
  /** The target's name, or null for a discovery session. */
  readonly target: string | null
  readonly isid: Uint8Array
  readonly limits: ConnectionLimits
}

/** A new identity of a session: six bytes, of the random kind (RFC 7143, 11.12.5), so that no two programs have one. */
export function newIsid(): Uint8Array {
  const isid = randomBytes(6)
  isid[0] = 0x80
  return isid
}

/** Whether another portal, or the same one later, may do better. */
export function mayPass(error: unknown): boolean {
  return error instanceof IscsiError && ['UNAVAILABLE', 'TIMEOUT', 'CONNECTION_LOST', 'PROTOCOL'].includes(error.code)
}

/**
 * Logs in at the first portal that lets us.
 *
 * @param first - index of the portal to try first
 * @throws IscsiError of the last portal tried. One that refuses for good (AUTHENTICATION, NOT_FOUND …) is the last
 */
export async function dial(plan: DialPlan, first: number, signal: AbortSignal): Promise<Connection> {
  const { portals } = plan.options
  for (let tried = 1; ; tried += 1) {
    try {
      return await logInAt(plan, portals[(first + tried - 1) % portals.length] ?? '', signal)
    } catch (error) {
      if (tried >= portals.length || signal.aborted || !mayPass(error)) throw error
    }
  }
}

async function logInAt(plan: DialPlan, portal: string, signal: AbortSignal): Promise<Connection> {
  let at = portal
  for (let redirects = 0; ; redirects += 1) {
    const result = await logIn(plan, at, signal)
    if (result instanceof Connection) return result
    if (redirects >= maxRedirects)
      throw new IscsiError('REFUSED', `${portal} redirects more than ${maxRedirects} times`)
    at = checkedPortal(result)
    if (!plan.options.allowRedirect(at)) throw new IscsiError('REFUSED', `a redirection to ${at} is not allowed`)
  }
}

/** What a target names is no option of ours: a bad address is its mistake. */
function checkedPortal(address: string): string {
  try {
    return formatPortal(parsePortal(address))
  } catch {
    throw new IscsiError('PROTOCOL', 'the target redirects to something that is no address')
  }
}

/** One login. @returns the connection, or the address that the target redirects to */
async function logIn(plan: DialPlan, portal: string, signal: AbortSignal): Promise<Connection | string> {
  const { options, target, isid, limits } = plan
  const { promise, resolve, reject } = Promise.withResolvers<Connection | string>()
  const wire = await Wire.open(portal, options.connectTimeoutMs, signal)
  const exchange = new LoginExchange({ options, target, isid, random: randomBytes })
  const late = (): void =>
    wire.destroy(new IscsiError('TIMEOUT', `the login at ${portal} took over ${options.loginTimeoutMs} ms`))
  const timer = setTimeout(late, options.loginTimeoutMs)
  const leave = (): void => wire.destroy(abortedError(signal, `the login at ${portal}`))
  signal.addEventListener('abort', leave, { once: true })
  wire.use({
    placeFor: () => null,
    drained: () => {},
    closed: reject,
    received: (header, data) => {
      const step = exchange.answer(header, data)
      if (step.kind === 'send') wire.send(step.header, step.data)
      else if (step.kind === 'redirect') resolve(step.portal)
      else {
        // At once, not in a later turn: what the target sends next may have come with this.
        wire.useDigests(step.agreement.headerDigest, step.agreement.dataDigest)
        const numbers = {
          expectedCommand: header.readUInt32BE(field.expectedCommand),
          maxCommand: header.readUInt32BE(field.maxCommand),
        }
        resolve(new Connection(wire, portal, { ...step, ...numbers }, limits))
      }
    },
  })
  const first = exchange.begin()
  wire.send(first.header, first.data)
  try {
    const result = await promise
    if (typeof result === 'string') wire.destroy(new IscsiError('CONNECTION_LOST', 'redirected'))
    return result
  } catch (error) {
    throw signal.aborted ? abortedError(signal, `the login at ${portal}`) : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
}
