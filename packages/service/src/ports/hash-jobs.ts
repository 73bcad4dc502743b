import type { Requester } from '@glance/core'

/** Work behind the answers: the hashing of data that lie at locations which users named. A few jobs run at a time, the others wait in order. */
export interface HashJobs {
  /** Has `hashImageData` run for the image, soon. Its record says that it waits (`hashingProperty`), so a process that dies forgets nothing. `requester`: on whose behalf, if that is known. */
  enqueue(imageId: string, requester: Requester | null): void
  /** Ends the job of the image, if one runs or waits here. */
  stop(imageId: string, reason: Error): void
}
