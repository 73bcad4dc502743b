import { toyHarness } from '../toy.ts'

export default toyHarness({ breaks: () => ({ getSize: async () => 7 }) })
