import type { SwiftClient } from './client.ts'

/** What a cluster says of itself at `/info` (Swift, "Discoverability"). */
export interface ClusterInfo {
  /** Largest single object in bytes. */
  readonly maxFileSize: number
  /** Whether static large objects are there. */
  readonly slo: boolean
  /** Most segments in one static large object. */
  readonly maxManifestSegments: number
  /** Whether HMAC-SHA256 signs temporary URLs; SHA-1 does everywhere. */
  readonly tempUrlSha256: boolean
}

/** What is assumed of a cluster that says nothing: Swift's own defaults. */
export const unknownCluster: ClusterInfo = {
  maxFileSize: 5 * 1024 ** 3,
  slo: true,
  maxManifestSegments: 1000,
  tempUrlSha256: true,
}

/** Asks a cluster; one that does not tell is taken for `unknownCluster`. @throws StoreError UNAVAILABLE | TIMEOUT | ABORTED */
export async function askCluster(client: SwiftClient, signal: AbortSignal): Promise<ClusterInfo> {
  const { status, body } = await client.info(signal)
  if (status !== 200) return unknownCluster
  try {
    return clusterInfoFrom(JSON.parse(body))
  } catch {
    return unknownCluster
  }
}

/** Reads the answer of `/info`. */
export function clusterInfoFrom(info: unknown): ClusterInfo {
  const part = (name: string): Readonly<Record<string, unknown>> => Object(Object(info)[name])
  const { max_file_size: maxFileSize } = part('swift')
  const { max_manifest_segments: segments } = part('slo')
  const { allowed_digests: digests } = part('tempurl')
  return {
    maxFileSize: positive(maxFileSize) ?? unknownCluster.maxFileSize,
    slo: 'slo' in Object(info),
    maxManifestSegments: positive(segments) ?? unknownCluster.maxManifestSegments,
    // Clusters that do not list digests are older than the second one.
    tempUrlSha256: Array.isArray(digests) && digests.includes('sha256'),
  }
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null
}
