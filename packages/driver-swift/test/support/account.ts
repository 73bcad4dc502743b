/** An account of Swift as tests see it past the driver: over plain HTTP, with a token. */

/** What a test knows of an account. */
export interface TestAccount {
  readonly token: string
  readonly storageUrl: string
}

let containers = 0

/** A name of a container that no other test has. */
export function aContainer(word = 'glance'): string {
  containers += 1
  return `${word}${process.pid}x${containers}`
}

/** Sends a request below the account. */
export async function ask(
  { token, storageUrl }: TestAccount,
  method: string,
  path: string,
  {
    headers = {},
    body,
  }: { readonly headers?: Record<string, string>; readonly body?: string | Uint8Array<ArrayBuffer> } = {},
): Promise<Response> {
  return fetch(storageUrl + path, {
    method,
    headers: { 'x-auth-token': token, ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

/** Names in a container; a container that is not there has none. */
export async function namesIn(account: TestAccount, container: string): Promise<readonly string[]> {
  const answer = await ask(account, 'GET', `/${container}?format=json`)
  if (answer.status !== 200) return []
  return ((await answer.json()) as readonly { readonly name: string }[]).map(({ name }) => `${container}/${name}`)
}

/** Names in all containers whose names begin with a word. */
export async function namesBelow(account: TestAccount, prefix: string): Promise<readonly string[]> {
  const answer = await ask(account, 'GET', `?format=json&prefix=${encodeURIComponent(prefix)}`)
  if (answer.status !== 200) return []
  const found = (await answer.json()) as readonly { readonly name: string }[]
  return (await Promise.all(found.map(({ name }) => namesIn(account, name)))).flat()
}

/** Removes containers whose names begin with a word, with all that is in them. */
export async function removeBelow(account: TestAccount, prefix: string): Promise<void> {
  for (const name of await namesBelow(account, prefix)) await ask(account, 'DELETE', `/${name}`)
  const answer = await ask(account, 'GET', `?format=json&prefix=${encodeURIComponent(prefix)}`)
  if (answer.status !== 200) return
  for (const { name } of (await answer.json()) as readonly { readonly name: string }[])
    await ask(account, 'DELETE', `/${name}`)
}
