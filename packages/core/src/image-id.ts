/** An image id as stores take it: 1 to 255 characters, safe as one segment of a path, of an object name and of a URI. */
const pattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/

/** Whether a text may be the id of an image in a store. The API asks for more: there an id is a UUID. */
export function isImageId(text: string): boolean {
  return pattern.test(text)
}

/**
 * Checks an image id before it becomes a part of a name in a backend.
 *
 * @throws TypeError - an id that reaches a store unchecked is a bug of the caller
 */
export function assertImageId(text: string): void {
  if (!isImageId(text))
    throw new TypeError(
      'an image id is 1 to 255 letters, digits, dots, hyphens and underscores, starting with a letter or digit',
    )
}
