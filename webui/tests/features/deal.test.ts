import { expect, test } from 'vitest'

import type { Message } from '@/contract/rows'
import { isOutside, lastSaidPrice, mayUndo } from '@/features/tasks/deal'

import { message, NOON, task } from '../rows'

const line = (text: string, from: Message['from'] = 'player') => message({ text, from })

test.each([
  [['16 and it is yours'], '16'],
  [['14,50'], '14.50'],
  [['12', 'hm'], '12'],
  [['between 12 and 14'], undefined],
  [['hello'], undefined],
  [[], undefined],
])('of %j the price that was said last is %s', (texts, price) => {
  expect(lastSaidPrice(texts.map((text) => line(text)))).toBe(price)
})

test('what we have said ourselves is no price of the player’s', () => {
  expect(lastSaidPrice([line('13'), line('Would 12 do?', 'bot')])).toBe('13')
})

test.each([
  ['10', false],
  ['12.50', false],
  ['12.50000001', true],
  ['9.99999999', true],
  ['999999999', true],
  ['', false],
  ['1e3', false],
])('%s is outside of 10.00 to 12.50: %s', (price, outside) => {
  expect(isOutside(price, task())).toBe(outside)
})

test('what a person has recorded can be taken back for a minute, and nothing that the system has', () => {
  const byHand = task({ status: 'resolved', byHand: true, statusSince: NOON })
  expect(mayUndo(byHand, NOON + 59_000)).toBe(true)
  expect(mayUndo(byHand, NOON + 60_000)).toBe(false)
  expect(mayUndo({ ...byHand, byHand: false }, NOON)).toBe(false)
  const deal = { stage: 'settled', since: NOON, by: 'plugin:tasks', tradedAt: NOON } as const
  const rest = { offerId: null, reversibleUntil: null, reason: null, note: null }
  expect(mayUndo({ ...byHand, deal: { ...deal, ...rest } }, NOON)).toBe(false)
  expect(mayUndo({ ...byHand, deal: { ...deal, ...rest, stage: 'traded', by: 'operator:anna' } }, NOON)).toBe(true)
})
