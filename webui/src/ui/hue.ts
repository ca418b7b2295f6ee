const HUES = 6

/** One of the avatars' colours, the same for the same text. */
export function hue(text: string): number {
  return Array.from(text).reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 9_973, 7) % HUES
}
