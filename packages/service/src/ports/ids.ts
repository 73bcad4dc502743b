/** Makes ids of new images: UUIDs, random, in lower case. */
export interface Ids {
  next(): string
}
