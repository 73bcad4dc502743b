/** Rules of the image service: the image model, its use cases and the ports they need. No HTTP, no SQL. */

export type { Deps } from './deps.ts'
export type { RequestContext } from './domain/context.ts'
export { ServiceError, type ServiceErrorCode, serviceErrorCodes } from './domain/errors.ts'
export type {
  FoundImage,
  Image,
  ImageChanges,
  ImageFieldChanges,
  ImageLocation,
  ImageStatus,
  MemberStatus,
  Visibility,
} from './domain/image.ts'
export { type ImageField, imageFields } from './domain/image-fields.ts'
export { imageSchema, imagesSchema, type ResourceSchema, type SchemaLink } from './domain/image-schema.ts'
export type { JsonSchema, JsonType } from './domain/json-schema.ts'
export { type Amounts, type LimitedResource, limitedResources } from './domain/limited-resources.ts'
export { PatternError } from './domain/linear-pattern.ts'
export { type PlacedLocation, placedLocations } from './domain/location.ts'
export {
  type Member,
  type MemberChange,
  type MemberSchema,
  type MembersSchema,
  memberSchema,
  membersSchema,
} from './domain/member.ts'
export { asciiJson } from './domain/metadef/kept-value.ts'
export { itemTaken, type MetadefKind, type Timed } from './domain/metadef/kind.ts'
export {
  type Contents,
  type ListedNamespace,
  type MetadefNamespace,
  metadefNamespaceSchema,
  metadefNamespacesSchema,
  type NamespaceFields,
  type NamespaceQuery,
  type NewContents,
  namespaceTaken,
} from './domain/metadef/namespace.ts'
export {
  type MetadefObject,
  metadefObjectSchema,
  metadefObjectsSchema,
  type NewMetadefObject,
} from './domain/metadef/object.ts'
export {
  type MetadefProperty,
  metadefPropertiesSchema,
  metadefPropertySchema,
  type NewMetadefProperty,
  type PropertyDefinition,
  storedDefinition,
} from './domain/metadef/property.ts'
export {
  type Association,
  associationSchema,
  associationsSchema,
  type NewAssociation,
  type ResourceType,
} from './domain/metadef/resource-type.ts'
export type { MetadefCollectionSchema, MetadefSchema } from './domain/metadef/schema-document.ts'
export { type MetadefTag, metadefTagSchema, metadefTagsSchema, type NewMetadefTag } from './domain/metadef/tag.ts'
export { parseListQuery } from './domain/parse-query.ts'
export {
  deletingProperty,
  hashingProperty,
  isStorableText,
  serverPropertyPrefix,
  unshownProperties,
} from './domain/properties.ts'
export {
  type PropertyOperation,
  type PropertyPermission,
  PropertyProtections,
  type PropertyRule,
  propertyOperations,
} from './domain/property-protection.ts'
export {
  type FilterField,
  type ImageFilter,
  type ImageQuery,
  type SortKey,
  type SortStep,
  sortKeys,
  unlistedStatuses,
} from './domain/query.ts'
export type { ServiceSettings } from './domain/settings.ts'
export { readSiteSchema, type SiteProperty, type SiteSchema } from './domain/site-schema.ts'
export { imageStatuses, mayBecome } from './domain/status.ts'
export { isListed, isVisible, type Viewer } from './domain/visibility.ts'
export { RunningBytes, type RunningUpload } from './limits/running-bytes.ts'
export { assertStorageQuota, type QuotaDeps, type StorageQuestion } from './limits/static.ts'
export { enforceLimits, type LimitDeps } from './limits/unified.ts'
export { projectUsage, type ResourceUsage } from './limits/usage.ts'
export { type DefaultRule, defaultRules } from './policy/defaults.ts'
export {
  createEnforcer,
  defaultEnforcer,
  type Policy,
  type PolicyProblem,
  type PolicySettings,
} from './policy/enforcer.ts'
export { shownProperties } from './policy/property-access.ts'
export type { Clock } from './ports/clock.ts'
export type { Enforcer, PolicyTarget } from './ports/enforcer.ts'
export type { HashJobs } from './ports/hash-jobs.ts'
export type { Ids } from './ports/ids.ts'
export type { Images, NewImage } from './ports/images.ts'
export type { Limits } from './ports/limits.ts'
export type { Members } from './ports/members.ts'
export type { LoadMode, MetadefItems, Metadefs } from './ports/metadefs.ts'
export type { Usage } from './ports/usage.ts'
export type { ByteRange } from './usecases/data/byte-range.ts'
export { type DownloadedData, type DownloadInput, downloadImageData } from './usecases/data/download.ts'
export { RunningUploads } from './usecases/data/running-uploads.ts'
export { type UploadInput, uploadImageData } from './usecases/data/upload.ts'
export { type CreateImageInput, createImage } from './usecases/images/create.ts'
export { deactivateImage, type ImageActionInput } from './usecases/images/deactivate.ts'
export { type DeleteImageInput, deleteImage } from './usecases/images/delete.ts'
export { type PatchOperation, type PatchPath, type PatchVersion, parseJsonPatch } from './usecases/images/json-patch.ts'
export { type ListedImages, type ListImagesInput, listImages } from './usecases/images/list.ts'
export { reactivateImage } from './usecases/images/reactivate.ts'
export { type ShowImageInput, showImage } from './usecases/images/show.ts'
export { type ShownLocations, shownLocations } from './usecases/images/shown-locations.ts'
export { type UpdateImageInput, updateImage } from './usecases/images/update.ts'
export { type AddLocationInput, addImageLocation } from './usecases/locations/add.ts'
export { type HashInput, hashImageData } from './usecases/locations/hash.ts'
export { type ListLocationsInput, listImageLocations } from './usecases/locations/list.ts'
export {
  type Recovered,
  type RecoverInput,
  recoverInterruptedDeletions,
  recoverInterruptedRemovals,
  recoverInterruptedUploads,
  resumeHashing,
} from './usecases/maintenance/recover.ts'
export { type AddMemberInput, addMember } from './usecases/members/add.ts'
export { type ListMembersInput, listMembers } from './usecases/members/list.ts'
export { removeMember } from './usecases/members/remove.ts'
export { type MemberInput, showMember } from './usecases/members/show.ts'
export { type UpdateMemberInput, updateMember } from './usecases/members/update.ts'
export type { ItemInput, NamespaceInput } from './usecases/metadefs/items.ts'
export {
  type ExportedNamespace,
  exportNamespaces,
  type LoadedNamespace,
  loadNamespace,
  unloadNamespaces,
} from './usecases/metadefs/load-export.ts'
export {
  type CreatedNamespace,
  createNamespace,
  type ListedNamespaces,
  listNamespaces,
  removeNamespace,
  type ShowNamespaceInput,
  type ShownNamespace,
  showNamespace,
  updateNamespace,
} from './usecases/metadefs/namespaces.ts'
export {
  addMetadefObject,
  clearMetadefObjects,
  listMetadefObjects,
  removeMetadefObject,
  replaceMetadefObject,
  showMetadefObject,
} from './usecases/metadefs/objects.ts'
export {
  addMetadefProperty,
  clearMetadefProperties,
  listMetadefProperties,
  removeMetadefProperty,
  replaceMetadefProperty,
  type ShowPropertyInput,
  showMetadefProperty,
} from './usecases/metadefs/properties.ts'
export {
  addAssociation,
  listAssociations,
  listResourceTypes,
  removeAssociation,
} from './usecases/metadefs/resource-types.ts'
export {
  addMetadefTag,
  addMetadefTags,
  clearMetadefTags,
  listMetadefTags,
  removeMetadefTag,
  renameMetadefTag,
  showMetadefTag,
} from './usecases/metadefs/tags.ts'
export { type DeleteFromStoreInput, deleteFromStore } from './usecases/stores/delete-from-store.ts'
export { type StoreDetail, type StoreInfo, storesInfo, storesInfoDetail } from './usecases/stores/info.ts'
export { addTag, type TagInput } from './usecases/tags/add.ts'
export { removeTag } from './usecases/tags/remove.ts'
