import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*/vitest.config.ts', 'examples/*/vitest.config.ts', 'test/vitest.config.ts'],
    // Suites with real backends and command lines wait more than they work, so two cores carry two files at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
