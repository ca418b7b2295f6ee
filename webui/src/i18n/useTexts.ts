import { type Texts, en } from '@/i18n/en'
import { ru } from '@/i18n/ru'
import type { Language } from '@/store/slices/workspace'
import { useAppSelector } from '@/store/store'

const TEXTS: Readonly<Record<Language, Texts>> = { en, ru }

export function textsOf(language: Language): Texts {
  return TEXTS[language]
}

/** The operator's choice, or the browser's. */
export function useLanguage(): Language {
  const chosen = useAppSelector((state) => state.workspace.language)
  return chosen ?? (navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en')
}

export function useTexts(): Texts {
  return TEXTS[useLanguage()]
}
