/** What is typed: keys that belong to an input method, and how long a text is. */

/** The key that an input method reports while it composes, where `isComposing` is false already: Safari's Enter. */
const PROCESSED_BY_INPUT_METHOD = 229

/** Does the key belong to an input method that is composing a word? */
export const isComposing = (event: KeyboardEvent): boolean =>
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells it in Safari
  event.isComposing || event.keyCode === PROCESSED_BY_INPUT_METHOD

/** Code points, which is how the server counts: an emoji is one, not two. */
export const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}
