import type { ServerResponse } from 'node:http'

/**
 * Writes image data as the body of a response whose head has been set.
 *
 * Each chunk is handed to the kernel before the next one is asked for: the source may fill the same memory again then, and a slow client slows the source down. A body
 * that fails half way ends the connection, so that the client cannot take what it has for the whole.
 *
 * @throws what the source throws, after the connection was ended
 */
export async function streamBody(response: ServerResponse, body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of body) await write(response, chunk)
  } catch (error) {
    response.destroy()
    throw error
  }
  // Not `finish`, which does not come when the client leaves before the last bytes are out.
  if (response.destroyed) return
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    response.end()
  })
}

function write(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) {
      reject(new Error('the client has left'))
      return
    }
    const left = (): void => reject(new Error('the client has left'))
    response.once('close', left)
    response.write(chunk, (error) => {
      response.off('close', left)
      if (error) reject(error)
      else resolve()
    })
  })
}
