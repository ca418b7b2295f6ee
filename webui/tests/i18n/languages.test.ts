import { expect, test } from 'vitest'

import { languageOf } from '@/i18n/languages'

test('a browser is spoken to in its language, or in English', () => {
  expect(languageOf('ru')).toBe('ru')
  expect(languageOf('RU-by')).toBe('ru')
  expect(languageOf('en-US')).toBe('en')
  expect(languageOf('de-DE')).toBe('en')
  expect(languageOf('')).toBe('en')
})
