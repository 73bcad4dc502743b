/** OpenStack Keystone for programs: log in, keep a token fresh, check the tokens of others, find endpoints. */
export { allowsRequest, type RuledRequest } from './access-rules.ts'
export { type LoginOptions, loginRequest } from './auth-methods.ts'
export { catalogOf, type EndpointWish, endpointOf } from './catalog.ts'
export {
  type ConnectionOptions,
  type KeystoneAnswer,
  KeystoneConnection,
  type KeystoneRequest,
} from './connection.ts'
export { isKeystoneError, KeystoneError, type KeystoneErrorCode, keystoneErrorCodes } from './errors.ts'
export { type LimitedEndpoint, type LimitsOptions, ProjectLimits } from './limits.ts'
export { type IssuedToken, Session, type SessionOptions } from './session.ts'
export { SingleFlight } from './single-flight.ts'
export type { AccessRule, CatalogEndpoint, CatalogService, Named, TokenIdentity } from './token-body.ts'
export { type Lookup, TokenCache, type TokenCacheOptions } from './token-cache.ts'
export { endTrust, makeTrust, type Trust } from './trusts.ts'
export { type ValidateOptions, validateToken } from './validate.ts'
