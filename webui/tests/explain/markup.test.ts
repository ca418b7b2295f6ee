import { expect, test } from 'vitest'

import { shownText } from '@/explain/markup'
import { LANGUAGES } from '@/i18n/languages'

import { message } from '../rows'

const shown = (text: string, from: 'player' | 'bot' = 'player') =>
  shownText(message({ text, from }), LANGUAGES.ru.texts)

test('what Steam put in place of a person’s words is named in the reader’s language', () => {
  expect(shown('(sticker)')).toBe('(стикер)')
  expect(shown('hi (trade offer) and (coin flip: heads)!')).toBe('hi (предложение обмена) and (бросок монеты: heads)!')
  for (const word of Object.keys(LANGUAGES.en.texts.chat.markup)) expect(shown(`(${word})`)).toMatch(/^\([а-яё ]+\)$/)
})

test('what is none of it stays, and so do our own words', () => {
  expect(shown('(stickers) (constructor) (a link) (')).toBe('(stickers) (constructor) (a link) (')
  expect(shown('(sticker)', 'bot')).toBe('(sticker)')
})
