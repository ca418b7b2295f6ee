/** Writes numbers in the page's language, whatever the browser's is. */
import { LANGUAGES } from '@/i18n/languages'
import type { Language } from '@/store/slices/workspace'

const formats = new Map<Language, Intl.NumberFormat>()

/** `12,345.6` or `12 345,6` */
export function inDigits(value: number, language: Language): string {
  let made = formats.get(language)
  if (made === undefined) {
    made = new Intl.NumberFormat(LANGUAGES[language].locale)
    formats.set(language, made)
  }
  return made.format(value)
}
