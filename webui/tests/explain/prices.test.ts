import { expect, test } from 'vitest'

import type { Message } from '@/contract/rows'
import { lastOffered, lastSaidPrice } from '@/explain/prices'

import { message, task } from '../rows'

const line = (text: string, from: Message['from'] = 'player') => message({ text, from })
const TASK = task({ priceMin: '12.60', priceMax: '15.40' })

test.each([
  [['16 and it is yours'], '16'],
  [['14,50'], '14.50'],
  [['14.50 USD, my level is 30'], '14.50'],
  [['$14'], '14'],
  [['за 15 отдам'], '15'],
  [['12', 'hm'], '12'],
  [['14 or 14'], '14'],
  [['between 12 and 14'], undefined],
  [['12-14'], undefined],
  [['float 1.5'], undefined],
  [['I have 2 of them'], undefined],
  [['give me 2 days'], undefined],
  [['у меня 2 шт'], undefined],
  [['call me at 15:30'], undefined],
  [['76561198000000001'], undefined],
  [['AK-47'], undefined],
  [['10%'], undefined],
  [['hello'], undefined],
  [[], undefined],
])('of %j the price that was said last is %s', (texts, price) => {
  expect(
    lastSaidPrice(
      texts.map((text) => line(text)),
      TASK,
    ),
  ).toBe(price)
})

test('what we have said ourselves is no price of the player’s', () => {
  expect(lastSaidPrice([line('13'), line('Would 12 do?', 'bot')], TASK)).toBe('13')
})

test('what we offered is what reached the player, one price or a range', () => {
  const offered = (...lines: Message[]) => lastOffered(lines, TASK)
  expect(offered(line('We pay 12.60 to 15.40 USD', 'bot'), line('16'))).toEqual(['12.60', '15.40'])
  expect(offered(line('14 then', 'bot'), message({ from: 'bot', text: '15?', delivery: 'failed' }))).toEqual(['14'])
  expect(offered(line('12.60 – 15.40?', 'bot'))).toEqual(['12.60', '15.40'])
  expect(offered(line('16'))).toEqual([])
})
