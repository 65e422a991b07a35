// Words that do not keep their texts alive. Place in the whole: for what is remembered of texts that come and go.

/** V8 makes longer substrings views of the whole. */
const VIEWED = 13

/** The same string with characters of its own. */
export function own(word: string): string {
  return word.length < VIEWED ? word : Buffer.from(word, 'utf16le').toString('utf16le')
}
