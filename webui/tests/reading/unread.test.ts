import { describe, expect, test } from 'vitest'

import type { MessageId } from '@/contract/ids'
import { concernsMe, type Reading, unread, unseen } from '@/reading/unread'

import { chat, message, NOON } from '../rows'

const ME = 'operator:anna'
const BORIS = 'operator:boris'
const reading = (fields: Partial<Reading> = {}): Reading => ({
  me: ME,
  caughtUpAt: 0,
  teamSince: 0,
  here: {},
  ...fields,
})
/** Five lines, all of one millisecond, as they come when a history is read back. */
const messages = [
  message({ id: 'msg_1' as MessageId }),
  message({ id: 'msg_2' as MessageId }),
  message({ id: 'msg_3' as MessageId, from: 'bot', author: 'agent:scripted_agent' }),
  message({ id: 'msg_4' as MessageId }),
  message({ id: 'msg_5' as MessageId, from: 'bot', author: 'agent:scripted_agent' }),
]
const read = (marks: Record<string, string>) => chat({ messages, read: marks as Record<string, MessageId> })

describe('what I have not read', () => {
  test('is the player’s lines after my mark, told apart even where they came in one moment', () => {
    expect(unread(read({}), reading())).toBe(3)
    expect(unread(read({ [ME]: 'msg_1' }), reading())).toBe(2)
    expect(unread(read({ [ME]: 'msg_4' }), reading())).toBe(0)
  })

  test('is not less for what a colleague has read', () => {
    expect(unread(read({ [BORIS]: 'msg_4' }), reading())).toBe(3)
  })

  test('is read at once where I look, before the server knows', () => {
    const { id } = read({})
    expect(unread(read({ [ME]: 'msg_1' }), reading({ here: { [id]: 'msg_4' as MessageId } }))).toBe(0)
    expect(unread(read({ [ME]: 'msg_4' }), reading({ here: { [id]: 'msg_1' as MessageId } }))).toBe(0)
  })

  test('does not change with anything that we do', () => {
    const written = message({ from: 'bot', author: ME })
    const talk = chat({ messages: [...messages, written], owner: ME, notes: [], read: { [ME]: 'msg_2' as MessageId } })
    expect(unread(talk, reading())).toBe(1)
  })

  test('begins when I came: a line of that very moment is not lost', () => {
    expect(unread(read({}), reading({ caughtUpAt: NOON }))).toBe(3)
    expect(unread(read({}), reading({ caughtUpAt: NOON + 1 }))).toBe(0)
  })

  test('is all that is held when my mark is older than that', () => {
    expect(unread(read({ [ME]: 'msg_long_gone' }), reading())).toBe(3)
  })

  test('of a closed chat is what the player wrote after its end', () => {
    const late = message({ ts: NOON + 10 })
    const over = { status: 'closed' as const, closedAt: NOON + 5 }
    expect(unread(chat({ messages, ...over }), reading())).toBe(0)
    expect(unread(chat({ messages: [message({ ts: NOON + 5, text: 'stop' })], ...over }), reading())).toBe(0)
    expect(unread(chat({ messages: [...messages, late], ...over }), reading())).toBe(1)
  })
})

describe('what nobody of us has read', () => {
  test('is less by what any of us has read or answered, and not by what an agent wrote', () => {
    expect(unseen(read({}), reading())).toBe(3)
    expect(unseen(read({ [BORIS]: 'msg_2' }), reading())).toBe(1)
    const answered = chat({ messages: [...messages, message({ from: 'bot', author: BORIS }), message()] })
    expect(unseen(answered, reading())).toBe(1)
  })

  test('is the same for all of us, whenever each of us came', () => {
    expect(unseen(read({}), reading({ caughtUpAt: Infinity }))).toBe(3)
  })
})

test('mine to read is what I lead, and what nobody and no agent does', () => {
  const by = (owner: string | null, agentEnabled = false) => concernsMe(chat({ owner, agentEnabled }), ME)
  expect([by(ME), by(null), by('plugin:dialogue'), by(BORIS), by(null, true)]).toEqual([true, true, true, false, false])
})
