#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it has to run on the versions it turns away.
import { existsSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const source = new URL('../src/emulator/main.ts', import.meta.url)

if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `datera-emulator needs Node 22.19 or newer and this is Node ${process.versions.node}. ` +
      'Install a newer one from https://nodejs.org or with your version manager, then run the command again.',
  )
  process.exitCode = 1
} else if (existsSync(new URL('../dist/emulator/main.js', import.meta.url))) {
  await import('../dist/emulator/main.js')
} else if (existsSync(source)) {
  // A checkout that was never built. The condition leads to the sources of our other packages too.
  const { registerHooks } = await import('node:module')
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, '@glance/source'] }),
  })
  await import(source.href)
} else {
  console.error('datera-emulator is incomplete: its dist folder is missing. Install the package again.')
  process.exitCode = 1
}
