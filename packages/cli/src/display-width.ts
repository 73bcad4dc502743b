// Blocks of East Asian Wide and Fullwidth characters (Unicode Standard Annex 11) that hold assigned letters.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u
const INVISIBLE = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u
// biome's rule against control characters wants them written by number.
const CONTROL = /\p{Cc}/gu

const segmenter = new Intl.Segmenter('en')

/** Characters as a reader counts them: a letter with its accents, or a family emoji, is one. */
export function characters(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** Columns a terminal uses for one line of text: two for wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  // Most text by far is ASCII, and segmenting is slow.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  return characters(text).reduce((sum, character) => sum + characterWidth(character), 0)
}

function characterWidth(character: string): number {
  if (WIDE.test(character)) return 2
  return INVISIBLE.test(character) ? 0 : 1
}

/** Text without control characters, which are shown by number: names come from strangers and may move the cursor. */
export function visible(text: string): string {
  return text.replaceAll(CONTROL, (character) => {
    return character === '\n' ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
