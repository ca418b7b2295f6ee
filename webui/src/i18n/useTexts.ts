import type { Texts } from '@/i18n/en/texts'
import { languageOf, LANGUAGES } from '@/i18n/languages'
import type { Language } from '@/store/slices/workspace'
import { useAppSelector } from '@/store/store'

/** The operator's choice, or the browser's. */
export function useLanguage(): Language {
  const chosen = useAppSelector((state) => state.workspace.language)
  return chosen ?? languageOf(navigator.language)
}

export function useTexts(): Texts {
  return LANGUAGES[useLanguage()].texts
}
