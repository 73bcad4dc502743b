// A vendor needs no such file; here it makes the tests read the packages of this repository without a build.
import { packageTests } from '../../vitest.shared.ts'

export default packageTests('@acme/glance-driver-tape')
