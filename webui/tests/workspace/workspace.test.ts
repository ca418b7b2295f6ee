import { expect, test } from 'vitest'

import type { ChatId } from '@/contract/ids'
import { unread, waitsForPerson } from '@/workspace/unread'
import {
  chatActivated,
  chatClosed,
  chatOpened,
  chatRead,
  draftWritten,
  initialWorkspace,
  noteWritten,
  PANES,
  shownChats,
  sideBySideChosen,
  workspace,
  type Workspace,
} from '@/workspace/slice'

import { chat, message, NOON } from '../rows'

const [a, b, c] = ['chat_a', 'chat_b', 'chat_c'] as ChatId[] as [ChatId, ChatId, ChatId]
const after = (...actions: Parameters<typeof workspace.reducer>[1][]) =>
  actions.reduce<Workspace>((state, action) => workspace.reducer(state, action), initialWorkspace)

test('alone, a chat takes the place of the one before; side by side it stands beside it', () => {
  expect(after(chatOpened(a), chatOpened(b)).panes).toEqual([b])
  expect(after(chatOpened(a), sideBySideChosen(true), chatOpened(b), chatOpened(a)).panes).toEqual([a, b])
})

test('columns that were open are there again when one chat is no longer alone', () => {
  const two = [sideBySideChosen(true), chatOpened(a), chatOpened(b), sideBySideChosen(false)]
  expect(shownChats(after(...two))).toEqual([b])
  expect(shownChats(after(...two, chatOpened(c)))).toEqual([c])
  expect(shownChats(after(...two, chatOpened(c), sideBySideChosen(true)))).toEqual([a, c])
  const left = after(...two, chatClosed(b))
  expect([shownChats(left), shownChats(workspace.reducer(left, sideBySideChosen(true)))]).toEqual([[], [a]])
})

test('with all places taken, a new chat takes that of the active one', () => {
  const ids = Array.from({ length: PANES }, (_, index) => `chat_${index}` as ChatId)
  const full = after(sideBySideChosen(true), ...ids.map((id) => chatOpened(id)), chatActivated(ids[2]!), chatOpened(a))
  expect(full.panes).toEqual(ids.with(2, a))
  expect(full.active).toBe(a)
})

test('closing a column makes its neighbour the active one', () => {
  const three = [sideBySideChosen(true), chatOpened(a), chatOpened(b), chatOpened(c)]
  expect(after(...three, chatActivated(b), chatClosed(b))).toMatchObject({ panes: [a, c], active: c })
  expect(after(...three, chatClosed(c))).toMatchObject({ panes: [a, b], active: b })
  expect(after(chatOpened(a), chatClosed(a))).toMatchObject({ panes: [], active: null })
})

test('a draft stays with its chat and goes when it is empty', () => {
  const drafts = after(draftWritten({ chatId: a, text: 'one' }), draftWritten({ chatId: b, text: 'two' }))
  expect(drafts.drafts).toEqual({ [a]: 'one', [b]: 'two' })
  expect(workspace.reducer(drafts, draftWritten({ chatId: a, text: '' })).drafts).toEqual({ [b]: 'two' })
})

test('a note that is half written is kept apart from the message', () => {
  const state = after(noteWritten({ chatId: a, text: 'for us' }), draftWritten({ chatId: a, text: 'for them' }))
  expect([state.noteDrafts[a], state.drafts[a]]).toEqual(['for us', 'for them'])
})

test('what was read stays read', () => {
  const state = after(chatRead({ chatId: a, upTo: 10 }), chatRead({ chatId: a, upTo: 5 }))
  expect(state.read[a]).toBe(10)
})

test('only lines of the player make a chat unread, and only those that came after the mark', () => {
  const talk = chat({
    messages: [
      message({ ts: NOON }),
      message({ ts: NOON + 1 }),
      message({ ts: NOON + 2, from: 'bot', author: 'operator:anna' }),
      message({ ts: NOON + 3 }),
    ],
  })
  expect(unread(talk, { read: {}, readBefore: 0 })).toBe(3)
  expect(unread(talk, { read: { [talk.id]: NOON }, readBefore: 0 })).toBe(2)
  expect(unread(talk, { read: { [talk.id]: NOON }, readBefore: NOON + 3 })).toBe(0)
})

test('a chat waits for a person when the player spoke last and no agent will answer', () => {
  const messages = [message()]
  expect(waitsForPerson(chat({ messages, agentEnabled: false }))).toBe(true)
  expect(waitsForPerson(chat({ messages, agentEnabled: true }))).toBe(false)
  expect(waitsForPerson(chat({ messages, agentEnabled: false, status: 'closed' }))).toBe(false)
  expect(waitsForPerson(chat({ messages: [message({ from: 'bot' })], agentEnabled: false }))).toBe(false)
})
