/**
 * Connections to the service, and how long each kind of request may be silent.
 *
 * The SDK's handler has one limit for a whole client; three are needed. Whoever sends a body or waits for a short answer has `idle`. Joining parts and copying
 * within the service happen in silence, for minutes with some services. The body of a download may rest as long as its reader does, so only its headers are
 * waited for here, and the body's own pauses are measured where it is read.
 */
import { Agent, type AgentOptions } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { NodeHttpHandler, NodeHttpHandlerOptions } from '@smithy/node-http-handler'

/** How often the idle time a silent operation may take. */
const patience = 20

type Request = Parameters<NodeHttpHandler['handle']>[0]
type Handled = ReturnType<NodeHttpHandler['handle']>
type Options = Parameters<NodeHttpHandler['handle']>[1]

/** How connections are made. Times are in milliseconds. */
export interface ConnectionSettings {
  readonly connectMs: number
  readonly idleMs: number
  /** PEM text, null for the authorities built into Node. */
  readonly authorities: string | null
}

/** The SDK's handler, three times over the same connections. */
export class Handlers {
  readonly metadata: { readonly handlerProtocol: string } = { handlerProtocol: 'http/1.1' }
  readonly #usual: NodeHttpHandler
  readonly #silent: NodeHttpHandler
  readonly #reading: NodeHttpHandler

  constructor(Handler: typeof NodeHttpHandler, { connectMs, idleMs, authorities }: ConnectionSettings) {
    // Bodies that nobody reads for a while keep their connections, so no number of connections may be the last one.
    const plain: AgentOptions = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }
    const agents = {
      httpAgent: new Agent(plain),
      httpsAgent: new TlsAgent({ ...plain, ...(authorities && { ca: authorities }) }),
    }
    const make = (times: NodeHttpHandlerOptions): NodeHttpHandler =>
      new Handler({ ...agents, connectionTimeout: connectMs, ...times })
    this.#usual = make({ socketTimeout: idleMs })
    this.#silent = make({ socketTimeout: idleMs * patience })
    this.#reading = make({ requestTimeout: idleMs, throwOnRequestTimeout: true })
  }

  handle(request: Request, options?: Options): Handled {
    return this.#for(request).handle(request, options)
  }

  #for({ method, query, headers }: Request): NodeHttpHandler {
    if (method === 'GET' && query?.['x-id'] === 'GetObject') return this.#reading
    const joins = method === 'POST' && query?.['uploadId'] !== undefined
    return joins || headers['x-amz-copy-source'] !== undefined ? this.#silent : this.#usual
  }

  /** Settings that the SDK would like to change later; there is nothing to change. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): NodeHttpHandlerOptions {
    return {}
  }

  /** Ends every connection. */
  destroy(): void {
    for (const handler of [this.#usual, this.#silent, this.#reading]) handler.destroy()
  }
}
