/**
 * The uploads that run in this process, so that a deletion can end them at once instead of letting them store bytes for nobody.
 *
 * Only a short cut: an upload always looks at the record again before it ends, so a deletion by another process is noticed too, later.
 */
export class RunningUploads {
  readonly #running = new Map<string, AbortController>()

  /** Notes an upload. The signal fires when the image is deleted; `end` must be called when the upload is over, however it ended. */
  begin(imageId: string): { readonly signal: AbortSignal; end(): void } {
    const controller = new AbortController()
    this.#running.set(imageId, controller)
    return {
      signal: controller.signal,
      end: () => {
        if (this.#running.get(imageId) === controller) this.#running.delete(imageId)
      },
    }
  }

  /** Ends the upload of an image, if one runs here. */
  stop(imageId: string, reason: Error): void {
    this.#running.get(imageId)?.abort(reason)
  }

  /** How many run. */
  get count(): number {
    return this.#running.size
  }
}
