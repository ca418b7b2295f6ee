/** The languages of the page. A new one is a folder beside `en/` and `ru/`, and an entry here. */
import { type Texts, texts as en } from '@/i18n/en/texts'
import { texts as ru } from '@/i18n/ru/texts'
import type { Language } from '@/store/slices/workspace'

interface LanguageEntry {
  /** What it calls itself. */
  readonly name: string
  /** By which moments are written. */
  readonly locale: string
  readonly texts: Texts
}

export const LANGUAGES: Readonly<Record<Language, LanguageEntry>> = {
  en: { name: 'English', locale: 'en-GB', texts: en },
  ru: { name: 'Русский', locale: 'ru-RU', texts: ru },
}

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as readonly Language[]

/** The page's language for a tag such as `ru-RU`: English for one that it does not speak. */
export function languageOf(tag: string): Language {
  return LANGUAGE_CODES.find((code) => tag.toLowerCase().startsWith(code)) ?? 'en'
}
