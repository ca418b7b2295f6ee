import { expect, test } from 'vitest'

import type { Decimal } from '@/contract/ids'
import type { ShownButton } from '@/contract/panels'
import { beginningOf, payloadOf } from '@/features/plugins/filled'
import { isFigure } from '@/features/plugins/PanelValue'

const word = { type: 'text', en: 'Word', ru: 'Слово' } as const
const button = (payload: ShownButton['payload'], ...blank: string[]): ShownButton => ({
  label: word,
  kind: 'PinPrice',
  role: 'operator',
  payload,
  form: Object.keys(payload)
    .filter((name) => name !== 'shelf')
    .map((name) => ({ name, label: word, blank: blank.includes(name) })),
  confirm: null,
})

test('a form begins with what the command says, or empty where the plugin wants it so', () => {
  const payload = { item: 'AK-47', price: 10.5, firm: true, shelf: 3 }
  expect(beginningOf(button(payload))).toEqual({ item: 'AK-47', price: '10.5', firm: true })
  expect(beginningOf(button(payload, 'item', 'firm'))).toEqual({ item: '', price: '10.5', firm: false })
})

test('what was filled in is sent as what it stands for, and what is no number is left for the server to refuse', () => {
  const pin = button({ item: 'AK-47', price: 10.5, firm: false, shelf: 3 })
  const filled = (price: string) => payloadOf(pin, { item: '12', price, firm: true })
  expect(filled(' 12,75 ')).toEqual({ item: '12', price: 12.75, firm: true, shelf: 3 })
  expect(filled('a lot')['price']).toBe('a lot')
  expect(filled('')['price']).toBe('')
})

test('numbers and prices stand in columns of figures', () => {
  expect([3, { type: 'price', amount: '1' as Decimal, currency: 'USD' } as const].map(isFigure)).toEqual([true, true])
  expect([null, 'AK-47', word].map(isFigure)).toEqual([false, false, false])
})
