import type { Words } from '@/explain/explain'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { useNow } from '@/ui/useNow'

/** What a sentence about a status is made with. */
export function useWords(): Words {
  return { texts: useTexts(), language: useLanguage(), now: useNow() }
}
