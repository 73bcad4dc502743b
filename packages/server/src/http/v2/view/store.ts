import type { StoreDetail, StoreInfo } from '@glance/service'

/** A store as users see it. What is so is the text `true`, what is not so is left out. */
export function storeView({
  id,
  description,
  default: isDefault,
  readOnly,
}: StoreInfo): Readonly<Record<string, unknown>> {
  return {
    id,
    ...(description === null ? {} : { description }),
    ...(isDefault ? { default: 'true' } : {}),
    ...(readOnly ? { 'read-only': 'true' } : {}),
  }
}

/** A store as operators see it. */
export function storeDetailView(store: StoreDetail): Readonly<Record<string, unknown>> {
  return { ...storeView(store), type: store.type, weight: store.weight, properties: store.properties }
}
