import { expect, test } from 'vitest'

import { LANGUAGES } from '@/i18n/languages'
import { precise } from '@/i18n/time'

const [en, ru] = [LANGUAGES.en.texts, LANGUAGES.ru.texts]

test('a span is told to the second, by its two greatest units', () => {
  expect(precise(40_000, en)).toBe('40 s')
  expect(precise(3_900_000, en)).toBe('1 h 5 min')
  expect(precise(15 * 86_400_000, ru)).toBe('15 дн')
  expect(precise(3_601_000, ru)).toBe('1 ч 1 с')
  expect(precise(400, en)).toBe('0 s')
})
