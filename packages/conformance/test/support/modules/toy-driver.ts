import { toyHarness } from '../toy.ts'

export default toyHarness().definition
