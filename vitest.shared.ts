/**
 * Settings that the tests of every package share.
 *
 * The condition `@glance/source` makes an import of another package of ours read its `src`, so no test needs a build.
 */
import { defaultServerConditions } from 'vite'
import { defineProject, type UserWorkspaceConfig } from 'vitest/config'

// Vite prefers files for bundlers (`module`), which Node never loads and often cannot.
const conditions = ['@glance/source', ...defaultServerConditions.filter((condition) => condition !== 'module')]

/**
 * The vitest project of one package. `name` is the package's name, shown before each of its tests; `include` says where its
 * tests lie, seen from the folder of its configuration. `testTimeout` in milliseconds is for tests that start whole programs.
 */
export function packageTests(
  name: string,
  include: readonly string[] = ['test/**/*.test.ts'],
  testTimeout = 30_000,
): UserWorkspaceConfig {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      environment: 'node',
      include: [...include],
      testTimeout,
      hookTimeout: 120_000,
      // Child processes (servers, command lines) resolve our packages the same way.
      env: { NODE_OPTIONS: '--conditions=@glance/source' },
    },
  })
}
