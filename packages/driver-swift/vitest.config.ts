import { packageTests } from '../../vitest.shared.ts'

export default packageTests('@glance/driver-swift')
