/**
 * Client of the OpenStack Image API v2, for browsers, Node and every platform with `fetch`.
 *
 * Files and verified downloads are in `@glance/client/node`.
 */

// Entry
export { ImageClient, type ImageClientOptions } from './client.ts'
// Schemas and versions
export type { Schemas, Versions } from './discovery.ts'
// Errors
export {
  type ConnectionCode,
  type DataCode,
  ImageConnectionError,
  ImageDataError,
  ImageServiceError,
  type ServiceFault,
} from './errors.ts'
// Shapes of the wire
export type {
  ApiVersion,
  Image,
  ImageLocation,
  ImageMember,
  ImageStatus,
  ImageVisibility,
  JsonValue,
  LocationHashes,
  MemberStatus,
  NewImage,
  NewLocation,
  PatchOperation,
  SchemaDocument,
  StoreDetail,
  StoreInfo,
} from './image.ts'
// Image data
export type { DownloadOptions, ImageData, ImageDataCalls, UploadOptions } from './image-data.ts'
// Image records
export type { CallOptions, Images, ListImagesOptions, SortKey } from './images.ts'
export { type Locations, LocationsError } from './locations.ts'
export type { Members } from './members.ts'
export type { ImageDataSource } from './outgoing-body.ts'
export { type ImageChanges, patchFromChanges } from './patch.ts'
// Transport
export { defaultRetry, noRetry, type RetryPolicy } from './retry.ts'
// Members, stores and tags
export type { Stores } from './stores.ts'
export type { Tags } from './tags.ts'
export type { FetchLike, TokenRequest, TokenSource, TrafficEvent } from './transport.ts'
