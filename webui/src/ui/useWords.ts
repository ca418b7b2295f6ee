import type { Words } from '@/explain/explain'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { useNow } from '@/ui/useNow'

/** The texts, the language and the server's time: the arguments of the functions in explain/. */
export function useWords(): Words {
  return { texts: useTexts(), language: useLanguage(), now: useNow() }
}
