/**
 * How a configuration names drivers, and where a name leads.
 *
 * A short name `s3` is the package `@glance/driver-s3`, else `glance-driver-s3`. A name that starts with `@`, `.` or `/` or contains `glance-driver-` is a module as it stands. Class paths of
 * Glance's own drivers are kept from old configurations.
 */

/** Class paths of glance_store and of Glance before it: `glance.store.s3.Store`, `glance_store._drivers.s3:Store`. */
const classPath = /^(?:glance\.store|glance_store\._drivers)\.([a-z0-9_]+)[.:]Store$/

/** Names that a driver has in old configurations, by its name of today. */
const renamed: Readonly<Record<string, string>> = { filesystem: 'file', https: 'http', vmware_datastore: 'vmware' }

/** The driver's name of today: old names are translated, everything else stays. */
export function driverName(configured: string): string {
  const name = classPath.exec(configured)?.[1] ?? configured
  return renamed[name] ?? name
}

/** Whether a configured name is a module as it stands. */
function isModule(name: string): boolean {
  return /^[@./]/.test(name) || name.includes('glance-driver-')
}

/** The modules that a configured name may mean, in the order in which they are tried. */
export function driverModules(configured: string): readonly string[] {
  const name = driverName(configured)
  return isModule(name) ? [name] : [`@glance/driver-${name}`, `glance-driver-${name}`]
}
