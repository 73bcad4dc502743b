/** What a target says at the end of a login, by class and detail (RFC 7143, 11.13.5). */
import { IscsiError, type IscsiErrorCode } from './errors.ts'

const statuses: Readonly<Record<number, readonly [IscsiErrorCode, string]>> = {
  513: ['AUTHENTICATION', 'authentication failed'],
  514: ['FORBIDDEN', 'this initiator may not come in'],
  515: ['NOT_FOUND', 'no such target'],
  516: ['NOT_FOUND', 'the target was removed'],
  517: ['REFUSED', 'another version of iSCSI is wanted'],
  518: ['UNAVAILABLE', 'too many connections'],
  768: ['UNAVAILABLE', 'the target failed'],
  769: ['UNAVAILABLE', 'the target is not available'],
  770: ['UNAVAILABLE', 'the target is out of resources'],
}

/** The error of a status that is neither success (class 0) nor a redirection (class 1). */
export function loginError(status: number, target: string): IscsiError {
  const known = statuses[status]
  const [code, words] = known ?? [status >>> 8 === 3 ? 'UNAVAILABLE' : 'REFUSED', 'the login was refused']
  return new IscsiError(code, `login to ${target}: ${words} (status ${status.toString(16).padStart(4, '0')})`)
}
