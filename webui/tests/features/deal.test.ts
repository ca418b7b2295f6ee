import { expect, test } from 'vitest'

import { isOutside, mayUndo } from '@/features/tasks/deal'

import { NOON, task } from '../rows'

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
