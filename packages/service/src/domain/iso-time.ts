const form = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * A point in time from ISO 8601 text, or null when it is none.
 *
 * Date alone or date and time, with or without the separators, seconds, their fractions and a zone; without a zone it is UTC. Years 1 to 9999, as the databases have them;
 * 24:00 and leap seconds are no times.
 */
export function parseIsoTime(text: string): Date | null {
  const match = form.exec(text)
  if (!match) return null
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    match
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const millis = Date.parse(`${local}.${fraction.slice(0, 3).padEnd(3, '0')}Z`)
  // Date rolls a 31 February over into March; a date that exists comes back as it was.
  if (Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(local)) return null
  const offset = offsetMinutes(zone)
  if (offset === null) return null
  const time = new Date(millis - offset * 60_000)
  const utcYear = time.getUTCFullYear()
  return utcYear >= 1 && utcYear <= 9999 ? time : null
}

function offsetMinutes(zone: string): number | null {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  if (!match) return 0
  const [, sign, hours = '0', minutes = '0'] = match
  if (Number(hours) > 23 || Number(minutes) > 59) return null
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
}
