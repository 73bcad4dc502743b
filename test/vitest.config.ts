import { packageTests } from '../vitest.shared.ts'

export default packageTests('whole-product', ['**/*.test.ts'], 120_000)
