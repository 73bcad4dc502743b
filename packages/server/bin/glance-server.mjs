#!/usr/bin/env node
// Plain JavaScript that every Node reads, so that an old one gets a sentence and not a syntax error.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `glance-server needs Node.js 22.19 or newer; this is ${process.versions.node}.\n` +
      'Without installing anything: npx -p node@24 -p glance-server glance-server',
  )
  process.exit(1)
}

const built = new URL('../dist/bin.js', import.meta.url)
await import((existsSync(built) ? built : new URL('../src/bin.ts', import.meta.url)).href)
