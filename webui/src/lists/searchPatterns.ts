/**
 * A search as patterns, one a word: a row is found when it says each of them somewhere, in any case of letters. Patterns
 * need no copy of every text in small letters.
 */
export function searchPatterns(search: string): readonly RegExp[] {
  return search
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'iu'))
}
