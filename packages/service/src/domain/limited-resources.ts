/** What Keystone's unified limits can bound for the image service (Glance administration guide, "Quotas"). Sizes count in MiB, rounded down. */
export const limitedResources = [
  'image_size_total',
  'image_stage_total',
  'image_count_total',
  'image_count_uploading',
] as const

/** One of `limitedResources`. */
export type LimitedResource = (typeof limitedResources)[number]

/** A number for each of some resources, in the unit of each. */
export type Amounts = Readonly<Partial<Record<LimitedResource, number>>>
