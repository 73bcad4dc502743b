/** Direct URLs, for stores that declare them. */
import type { Case } from '../case.ts'
import { must } from '../finding.ts'
import type { Lab } from '../lab.ts'

function directUrl(lab: Lab, location: string): Promise<string> {
  const { driver } = lab.store
  must(driver.directUrl !== undefined, 'directUrl is declared and there is no such method')
  const signal = new AbortController().signal
  return lab.store.within('directUrl', driver.directUrl(location, { expiresIn: 60, signal }))
}

async function fetched(lab: Lab, url: string, headers: Record<string, string> = {}): Promise<Uint8Array> {
  const answer = await lab.store.within('a request for the URL', fetch(url, { headers }))
  must(answer.ok, `the URL answers ${answer.status}`)
  return new Uint8Array(await lab.store.within('its body', answer.arrayBuffer()))
}

const needs = { directUrl: true } as const

export const directUrlCases: readonly Case[] = [
  {
    id: 'direct-url/reads',
    title: 'gives a URL from which the data come, whole and in part, without a credential',
    catches: 'a URL that is not signed, or signed for one header only',
    needs,
    async run(lab) {
      const data = lab.payload(Math.min(300_001, lab.maxBytes))
      const url = await directUrl(lab, await lab.store.put(lab.id('direct'), data))
      must(Buffer.compare(await fetched(lab, url), data.slice(0, data.size)) === 0, 'the URL gives other bytes')
      const part = await fetched(lab, url, { range: 'bytes=10-19' })
      must(Buffer.compare(part, data.slice(10, 10)) === 0, 'the URL gives another part than the one asked for')
    },
  },
  {
    id: 'direct-url/missing',
    title: 'rejects with NOT_FOUND when there is nothing at a location',
    catches: 'a URL that a later image of this name would be read from',
    needs,
    async run(lab) {
      const location = await lab.store.missing(lab.id('missing'), lab.payload(100))
      await lab.store.refused('directUrl', ['NOT_FOUND'], directUrl(lab, location))
    },
  },
]
