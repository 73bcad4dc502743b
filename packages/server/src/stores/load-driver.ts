/**
 * From a configured name to a driver: the only place of the product that imports one.
 *
 * A driver is looked for where the operator installed it: from the folder of the configuration file, then from the working folder, then beside the server itself, which brings `file` and `http` along.
 * Nothing is scanned. A module is imported only to read its definition; nothing of it runs before `open`.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { contractVersion, type DriverDefinition, isDriverDefinition } from '@glance/core'
import { driverModules } from './driver-names.ts'

/** Why a driver could not be loaded, in words for the operator. */
export class DriverLoadError extends Error {
  override readonly name = 'DriverLoadError'
}

/**
 * Loads the driver that a configuration names.
 *
 * @param folder - absolute; where modules are looked for first
 * @throws DriverLoadError when it is not installed (with the command that installs it), is no driver, or was written against another contract
 */
export async function loadDriver(configured: string, folder: string): Promise<DriverDefinition> {
  const modules = driverModules(configured)
  const path = find(modules, folder)
  if (path === null) throw new DriverLoadError(missing(configured, modules))
  const module: unknown = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new DriverLoadError(
      `the driver ${configured} is installed but does not load: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  })
  const definition: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  if (!isDriverDefinition(definition))
    throw new DriverLoadError(
      `the module of ${configured} is no driver: its default export was not made by defineDriver() of @glance/core`,
    )
  if (definition.contract !== contractVersion) {
    throw new DriverLoadError(
      `the driver ${configured} was written against contract ${definition.contract}; this server speaks ${contractVersion}: install a version of it that fits`,
    )
  }
  return definition
}

function find(modules: readonly string[], folder: string): string | null {
  const places = [join(folder, 'glance-api.conf'), join(process.cwd(), 'package.json'), import.meta.url]
  for (const module of modules) {
    for (const place of module.startsWith('.') ? places.slice(0, 1) : places) {
      try {
        return createRequire(place).resolve(module)
      } catch (error) {
        if (!isNotFound(error))
          throw new DriverLoadError(
            `the driver ${module} is installed but its package is broken: ${error instanceof Error ? error.message : String(error)}`,
            { cause: error },
          )
      }
    }
  }
  return null
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND'
}

function missing(configured: string, modules: readonly string[]): string {
  const [first] = modules
  if (first === undefined || /^[./]/.test(first)) return `there is no driver at ${configured}`
  return `the driver ${configured} is not installed. Install it with: npm install ${first}`
}
