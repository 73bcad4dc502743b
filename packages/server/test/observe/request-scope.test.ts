import { setImmediate } from 'node:timers/promises'
import { noopLogger } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { inRequest, requestAware } from '../../src/observe/request-scope.ts'

describe('a logger that is aware of requests', () => {
  it('gives each line the id of its request, across waits and beside other requests', async () => {
    const lines: object[] = []
    const logger = requestAware({ ...noopLogger, warn: (fields) => lines.push(fields) })
    const work = async (name: string): Promise<void> => {
      await setImmediate()
      logger.warn({ name }, 'worked')
    }

    await Promise.all([inRequest('req-1', () => work('a')), inRequest('req-2', () => work('b'))])
    logger.warn({ name: 'c' }, 'worked')

    expect(lines).toEqual([{ reqId: 'req-1', name: 'a' }, { reqId: 'req-2', name: 'b' }, { name: 'c' }])
  })
})
