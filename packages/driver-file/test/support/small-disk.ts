import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import { newDirectory } from './temporary-directory.ts'

/** Why file systems cannot be mounted here, or null when they can. It takes root and a kernel that lets it. */
export const unmountable: string | null = ((): string | null => {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return null
  } catch {
    return 'mounting is not allowed here'
  }
})()

/** A file system of its own, unmounted at the end of the test. */
export async function mountedDisk(options: string): Promise<string> {
  const path = await newDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  onTestFinished(async () => {
    execFileSync('umount', ['-l', path])
    await rm(path, { recursive: true })
  })
  return path
}

/** Mounts a disk again with other options. */
export function remount(path: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, path])
}

/** Takes a disk away; its mount point stays. */
export function unmount(path: string): void {
  execFileSync('umount', ['-l', path])
}
