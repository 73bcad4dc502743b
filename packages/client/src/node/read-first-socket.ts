import { Agent, type ClientRequestArgs } from 'node:http'
import { Socket, type TcpSocketConnectOpts } from 'node:net'

type WriteDone = (error?: Error | null) => void

/**
 * A TCP socket that outlives a failed write for as long as there may be something to read.
 *
 * A server that refuses an upload answers and closes while data are still coming, which resets the connection. The
 * answer already lies in our receive buffer then, but Node destroys a socket on EPIPE before it reads on, and the caller
 * learns of a broken pipe instead of, say, 413. Here a write into a reset connection simply never completes. That
 * blocks the sender, the reading side delivers what came, then meets the end or the reset, and the socket ends as usual.
 */
class ReadFirstSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: WriteDone): void {
    super._write(chunk, encoding, unlessReset(done))
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: WriteDone): void {
    super._writev?.(chunks, unlessReset(done))
  }
}

function unlessReset(done: WriteDone): WriteDone {
  return (error) => {
    const reset = error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET')
    if (!reset) done(error)
  }
}

/** An agent whose connections read an answer even when it comes together with a reset. */
export class ReadFirstAgent extends Agent {
  override createConnection(options: ClientRequestArgs): Socket {
    // The agent fills in host and port before it asks for a connection.
    const target = options as TcpSocketConnectOpts
    return new ReadFirstSocket().setNoDelay().connect(target)
  }
}
