/** What projects use, counted over image records in memory. */
import type { Image } from '../../../src/domain/image.ts'
import type { Usage } from '../../../src/ports/usage.ts'
import type { MemoryImages } from './images.ts'

export class MemoryUsage implements Usage {
  readonly #images: MemoryImages

  constructor(images: MemoryImages) {
    this.#images = images
  }

  async storedBytes(owner: string | null, except: string | null): Promise<number> {
    return sum(
      this.#of(owner).filter(({ id }) => id !== except),
      (image) => (image.size ?? 0) * image.locations.length,
    )
  }

  async stagedBytes(owner: string | null): Promise<number> {
    return sum(
      this.#of(owner).filter((image) => isStaged(image) || isCopied(image)),
      ({ size }) => size ?? 0,
    )
  }

  async imageCount(owner: string | null): Promise<number> {
    return this.#of(owner).length
  }

  async uploadingCount(owner: string | null): Promise<number> {
    return this.#of(owner).filter((image) => image.status === 'saving' || isStaged(image) || isCopied(image)).length
  }

  #of(owner: string | null): readonly Image[] {
    return this.#images.all.filter(
      (image) => image.owner === owner && image.status !== 'killed' && image.status !== 'deleted',
    )
  }
}

function isStaged({ status }: Image): boolean {
  return status === 'uploading' || status === 'importing'
}

function isCopied({ properties }: Image): boolean {
  return (properties.get('os_glance_importing_to_stores') ?? '') !== ''
}

function sum(images: readonly Image[], of: (image: Image) => number): number {
  return images.reduce((total, image) => total + of(image), 0)
}
