import { expect, test } from 'vitest'

import { MESSAGE_REASONS } from '@/contract/enums'
import type { MessageId } from '@/contract/ids'
import { isLost, isUndecided } from '@/store/delivery'

import { message } from '../rows'

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
