/** The Store contract, the portable Store, options and errors of the glance-server image service. */

export { type Ability, assertCapability, type StoreCapabilities } from './capabilities.ts'
export {
  type DriverDefinition,
  type DriverDefinitionInput,
  defineDriver,
  isDriverDefinition,
  type OpenContext,
} from './definition.ts'
export {
  type Acls,
  type AddOptions,
  type AddResult,
  type CallOptions,
  type CopySource,
  contractVersion,
  type DirectUrlOptions,
  type GetOptions,
  type LocationMetadata,
  type LocationMetadataValue,
  type Requester,
  type StoreDriver,
  type StoredImage,
} from './driver.ts'
export {
  abortError,
  isStoreError,
  StoreError,
  type StoreErrorCode,
  type StoreErrorContext,
  storeErrorCodes,
  wrapError,
} from './errors.ts'
export { assertImageId, isImageId } from './image-id.ts'
export { redactLocation, schemeOf } from './location.ts'
export { type Logger, noopLogger } from './log.ts'
export { type NetworkFailure, networkError, networkFailure } from './network-failure.ts'
export { type StoreEvent, storeChannel } from './observe.ts'
export { describeOptions, type OptionRow } from './options/describe.ts'
export { environmentName, fromEnvironment } from './options/env.ts'
export {
  bytes,
  choice,
  duration,
  flag,
  integer,
  list,
  map,
  multi,
  type Option,
  type OptionFacts,
  type OptionInput,
  type OptionKind,
  type OptionTable,
  type OptionValues,
  optionTable,
  path,
  secret,
  text,
} from './options/option.ts'
export { glanceName, namesOf, type OptionIssue, type ParsedOptions, parseOptions } from './options/parse.ts'
export { redactOptions } from './options/redact.ts'
export { jsonSchemaOf, type OptionSchema, standardSchema } from './options/standard-schema.ts'
export { readAuthorities } from './pem.ts'
export { Store } from './store.ts'
export type {
  DigestedData,
  StoreAddOptions,
  StoreCallOptions,
  StoredData,
  StoreGetOptions,
  StoreSettings,
} from './store-options.ts'
export { isReserved, reservedPrefix, StoreSet, type StoreSetInput } from './store-set.ts'
export { Interruption, orAborted, untilAborted } from './streams/abortable.ts'
export { hashName } from './streams/hash-algorithms.ts'
export { type Range, type ReadRangesOptions, readRanges } from './streams/read-ranges.ts'
export { type Part, type SendPartsOptions, sendParts } from './streams/send-parts.ts'
