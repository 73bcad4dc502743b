#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it has to run on the versions it turns away.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`glance-conformance needs Node 22.19 or newer and this is Node ${process.versions.node}.`)
  process.exitCode = 2
} else {
  // Where the sources of core are read, a checkout under test, those of the suite are read too.
  const fromSource = import.meta.resolve('@glance/core').endsWith('.ts')
  const { runCommandLine } = await import(fromSource ? '../src/bin.ts' : '../dist/bin.js')
  process.exitCode = await runCommandLine(process.argv.slice(2))
}
