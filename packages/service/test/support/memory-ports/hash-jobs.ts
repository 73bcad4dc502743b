import type { HashJobs } from '../../../src/ports/hash-jobs.ts'

/** Notes the jobs that it is given instead of running them. */
export class NotedJobs implements HashJobs {
  readonly enqueued: string[] = []
  readonly stopped: string[] = []

  enqueue(imageId: string): void {
    this.enqueued.push(imageId)
  }

  stop(imageId: string): void {
    this.stopped.push(imageId)
  }
}
