import { ServiceError, type ServiceErrorCode } from '../../src/index.ts'

/** The refusal that a call ends in, sync or async. Anything else it does fails the test. */
export async function refusalOf(
  call: () => unknown,
): Promise<{ code: ServiceErrorCode; message: string; detail?: string }> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const { code, message, detail } = error
    return detail === '' ? { code, message } : { code, message, detail }
  }
  throw new Error('the call was not refused')
}

/** The code of the refusal that a call ends in. */
export async function codeOf(call: () => unknown): Promise<ServiceErrorCode> {
  return (await refusalOf(call)).code
}
