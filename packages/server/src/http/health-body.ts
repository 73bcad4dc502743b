/** The bodies of health checks in the shapes of oslo.middleware: members in the order of names, indented by four. */
import { hostname, platform, release } from 'node:os'
import { escapeHtml } from './error-reply.ts'

/** What one check found. */
export interface CheckResult {
  readonly available: boolean
  /** For everybody. */
  readonly reason: string
  /** For those who get details. */
  readonly details: string
}

/** Facts of the process and its host, for operators who ask for details. */
function facts(): Readonly<Record<string, string>> {
  return {
    now: new Date().toISOString(),
    platform: `${platform()} ${release()}`,
    runtime: `Node.js ${process.version}`,
  }
}

/** As JSON. */
export function jsonHealth(results: readonly CheckResult[], detailed: boolean): string {
  const body = detailed
    ? { detailed, ...facts(), reasons: results.map(({ reason, details }) => ({ details, reason })) }
    : { detailed, reasons: results.map(({ reason }) => reason) }
  return JSON.stringify(body, null, 4)
}

/** As a page. */
export function htmlHealth(results: readonly CheckResult[], detailed: boolean): string {
  const row = (cells: readonly string[], tag: string): string =>
    `<TR>\n${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('\n')}\n</TR>`
  const about = detailed
    ? [
        '<H1>Server status</H1>',
        ...Object.entries({ hostname: hostname(), ...facts() }).map(
          ([name, value]) => `<B>${name}:</B><PRE>${escapeHtml(value)}</PRE>`,
        ),
        '<HR></HR>',
      ]
    : []
  const rows = results.map(({ reason, details }) => row(detailed ? [reason, details] : [reason], 'TD'))
  return [
    '<HTML>\n<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>\n<BODY>',
    ...about,
    `<H2>Result of ${results.length} checks:</H2>`,
    '<TABLE bgcolor="#ffffff" border="1">\n<TBODY>',
    row(detailed ? ['Reason', 'Details'] : ['Reason'], 'TH'),
    ...rows,
    '</TBODY>\n</TABLE>\n<HR></HR>\n</BODY>\n</HTML>',
  ].join('\n')
}
