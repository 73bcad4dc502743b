/** A stream to write to that may be a terminal. */
export interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(chunk: string | Uint8Array, done?: (error?: Error | null) => void): boolean
}

/** Everything a command touches besides files and the network. Two of them can live in one process. */
export interface Io {
  /** Piped or redirected input, or null when input is a terminal, closed or `/dev/null`. Read at most once. */
  readonly input: (() => AsyncIterable<Uint8Array>) | null
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Fires with a reason of type `Interrupted` when the process should stop. */
  readonly signal: AbortSignal
}

/** Writes and waits until the stream took it, so that a slow reader slows the sender down. */
export function writeThrough(output: Output, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}
