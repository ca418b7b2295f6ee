import { expect, test } from 'vitest'

import type { ReplyId } from '@/contract/ids'
import type { CannedReply } from '@/contract/rows'
import { fillReply, firstUnfilled, matchingReplies, replyValues } from '@/replies/fill'

import { bot, NOON, task } from '../rows'

const reply = (title: string, text = ''): CannedReply => ({
  id: `reply_${title}` as ReplyId,
  title,
  text,
  savedAt: NOON,
  savedBy: 'operator:anna',
})

test('a canned reply is said with what the chat is about, to the digit', () => {
  const values = replyValues(task({ agreedPrice: '11.50' }), bot({ label: 'trader-07' }), 'operator:anna')
  expect(fillReply('{item}: {priceMin}–{priceMax} {currency}', values)).toBe('AK-47 | Redline: 10.00–12.50 USD')
  expect(fillReply('{agreedPrice}, {operator} with {bot}', values)).toBe('11.50, anna with trader-07')
})

test('a value that looks like a variable is not filled in a second time', () => {
  expect(fillReply('{item}', replyValues(task({ item: '{priceMin} $& $1' }), undefined, undefined))).toBe(
    '{priceMin} $& $1',
  )
})

test('what the chat has nothing for stays in its braces, and is found', () => {
  const text = fillReply('For {item} we agree on {agreedPrice}.', replyValues(task(), undefined, undefined))
  expect(text).toBe('For AK-47 | Redline we agree on {agreedPrice}.')
  const { start, end } = firstUnfilled(text)!
  expect(text.slice(start, end)).toBe('{agreedPrice}')
  expect(firstUnfilled('{not ours} and {}')).toBeUndefined()
})

test('titles that begin with what was typed come first, then those that have it, then texts', () => {
  const replies = [reply('Your price'), reply('Hello', 'about the price'), reply('price list'), reply('Bye')]
  expect(matchingReplies(replies, 'PRI').map(({ title }) => title)).toEqual(['price list', 'Your price', 'Hello'])
  expect(matchingReplies(replies, '')).toHaveLength(4)
})
