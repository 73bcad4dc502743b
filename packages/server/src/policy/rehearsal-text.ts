import { reasons, type Status } from '../http/error-table.ts'
import type { AskedRule, Rehearsal } from './rehearsal.ts'

/** A rehearsal for people: who asked, what it was about, each rule with its text and its story, and the outcome. */
export function describeRehearsal(rehearsal: Rehearsal): string {
  const { request, caller } = rehearsal
  return [
    `${request.method} ${request.path}`,
    caller === null ? 'caller: unknown' : `caller: ${callerText(caller)}`,
    ...imageLines(rehearsal),
    ...rehearsal.asked.flatMap((asked) => ['', ...ruleLines(asked)]),
    '',
    ...outcomeLines(rehearsal),
  ].join('\n')
}

function callerText({ user, project, roles, admin, readOnly }: NonNullable<Rehearsal['caller']>): string {
  return [
    `user ${user ?? 'none'}, project ${project ?? 'none'}`,
    `roles ${roles.length === 0 ? 'none' : roles.join(' ')}`,
    ...(admin ? ['administrator'] : []),
    ...(readOnly ? ['anonymous, may only look'] : []),
  ].join(', ')
}

function imageLines({ image }: Rehearsal): readonly string[] {
  if (image === null) return []
  const { id, owner, visibility, status } = image.found.image
  const shared = image.found.memberStatus === null ? '' : `, shared with the caller (${image.found.memberStatus})`
  return [`image: ${id}, owner ${owner ?? 'none'}, ${visibility}, ${status}${shared}`]
}

function ruleLines({ rule, text, story }: AskedRule): readonly string[] {
  return [`${rule} = "${text}"`, ...story.split('\n')]
}

function outcomeLines({ reached, status, message, image, asked }: Rehearsal): readonly string[] {
  if (reached !== null) return [`outcome: allowed; the request would now ${reached}`]
  const line = `${status} ${reasons[status as Status] ?? ''}`.trim()
  if (status < 400) return [`outcome: allowed, ${line}`]
  const outcome = `outcome: ${line}${message === '' ? '' : `: ${message}`}`
  if (status !== 404 || image === null) return [outcome]
  if (!image.visible)
    return [outcome, 'The image is there, but it is not for this caller to know of it: no rule was asked about it.']
  const hidden = asked.some(({ rule, allowed }) => rule === 'get_image' && !allowed)
  return hidden
    ? [outcome, 'The image is there, but get_image refuses, so the answer is that of an id that does not exist.']
    : [outcome]
}
