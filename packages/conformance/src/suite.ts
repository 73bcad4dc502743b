/** Every case, in the order in which a reader wants to see them fail. */
import type { Case } from './case.ts'
import { abortCases } from './cases/abort.ts'
import { aclCases } from './cases/acls.ts'
import { addCases } from './cases/add.ts'
import { chunkCases } from './cases/chunks.ts'
import { closeCases } from './cases/close.ts'
import { concurrencyCases } from './cases/concurrency.ts'
import { copyCases } from './cases/copy.ts'
import { definitionCases } from './cases/definition.ts'
import { deleteCases } from './cases/delete.ts'
import { directUrlCases } from './cases/direct-url.ts'
import { discardCases } from './cases/discard.ts'
import { errorCases } from './cases/errors.ts'
import { exclusiveCases } from './cases/exclusive.ts'
import { getCases } from './cases/get.ts'
import { healthCases } from './cases/health.ts'
import { locationCases } from './cases/locations.ts'
import { optionCases } from './cases/options.ts'
import { rangeCases } from './cases/range.ts'
import { refusalCases } from './cases/refusals.ts'
import { sizeCases } from './cases/size.ts'
import { unreachableCases } from './cases/unreachable.ts'
import { visibilityCases } from './cases/visibility.ts'

export const suite: readonly Case[] = [
  ...definitionCases,
  ...optionCases,
  ...addCases,
  ...chunkCases,
  ...getCases,
  ...rangeCases,
  ...sizeCases,
  ...deleteCases,
  ...exclusiveCases,
  ...visibilityCases,
  ...discardCases,
  ...abortCases,
  ...closeCases,
  ...concurrencyCases,
  ...errorCases,
  ...locationCases,
  ...refusalCases,
  ...aclCases,
  ...copyCases,
  ...directUrlCases,
  ...healthCases,
  ...unreachableCases,
]
