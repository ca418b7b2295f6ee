import { expect, test } from 'vitest'

import type { ChatId } from '@/contract/ids'
import {
  chatActivated,
  chatClosed,
  chatOpened,
  draftWritten,
  initialWorkspace,
  noteWritten,
  PANES,
  shownChats,
  sideBySideChosen,
  workspace,
  type Workspace,
} from '@/store/slices/workspace'

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
