import { expect, test } from 'vitest'

import { MESSAGE_REASONS } from '@/contract/enums'
import type { MessageId } from '@/contract/ids'
import { waitingSince } from '@/features/chats/grouping'
import { isLost, isUndecided } from '@/store/delivery'

import { chat, message, NOON } from '../rows'

const ours = (fields: Parameters<typeof message>[0]) => message({ from: 'bot', ...fields })

test('what was not sent is lost until it is sent again, and not where somebody meant that', () => {
  const failed = (reason: string | null) => isLost(ours({ delivery: 'failed', reason }))
  const missed = [...MESSAGE_REASONS, 'notFriends', null].filter(failed)
  const known = ['chatClosed', 'botOffline', 'botRemoved', 'unanswered', 'inDoubt', 'notFriends', null]
  expect(new Set(missed)).toEqual(new Set(known))
  expect(isLost(ours({ delivery: 'failed', reason: 'notFriends', retriedAs: 'msg_9' as MessageId }))).toBe(false)
  expect(isLost(ours({ delivery: 'sent' }))).toBe(false)
})

test('what is in doubt is undecided until it is sent again', () => {
  expect(isUndecided(ours({ delivery: 'inDoubt' }))).toBe(true)
  expect(isUndecided(ours({ delivery: 'inDoubt', retriedAs: 'msg_9' as MessageId }))).toBe(false)
  expect(isUndecided(ours({ delivery: 'sending', reason: 'unanswered' }))).toBe(false)
})

test('a player waits since their first line that no line of ours has answered, or since one is in doubt', () => {
  const since = (...messages: ReturnType<typeof message>[]) =>
    waitingSince(chat({ messages: messages.map((line, index) => ({ ...line, ts: NOON + index })) })) - NOON
  const [said, sent, lost, doubtful] = [
    message(),
    ours({ delivery: 'sent' }),
    ours({ delivery: 'failed' }),
    ours({ delivery: 'inDoubt' }),
  ]
  expect(since(said, sent, said, said)).toBe(2)
  expect(since(said, lost, said)).toBe(0)
  expect(since(said, sent, lost, said)).toBe(3)
  expect(since(said, sent, doubtful)).toBe(2)
  expect(since(said, sent, doubtful, said)).toBe(2)
  expect(since(said, doubtful, sent)).toBe(1)
})
