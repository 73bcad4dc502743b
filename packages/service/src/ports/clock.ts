/** The present time. Passed in so that tests hold the clock. */
export interface Clock {
  now(): Date
}
