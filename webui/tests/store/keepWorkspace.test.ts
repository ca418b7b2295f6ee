// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { ChatId } from '@/contract/ids'
import { fittedWorkspace } from '@/store/fitted'
import { keepWorkspace } from '@/store/keepWorkspace'
import { connectionChanged } from '@/store/slices/connection'
import { identified } from '@/store/slices/session'
import {
  alertsChosen,
  answerAwaited,
  chatOpened,
  draftWritten,
  initialWorkspace,
  noteWritten,
  placeChosen,
} from '@/store/slices/workspace'
import { createStore, type Store } from '@/store/store'

const [a, b] = ['chat_a', 'chat_b'] as [ChatId, ChatId]
const ends: (() => void)[] = []

beforeEach(() => localStorage.clear())
afterEach(() => ends.splice(0).forEach((end) => end()))

/** A page of this account, which is left when the next one is opened. */
function open(actor: string | undefined, addressed = false): Store {
  window.dispatchEvent(new Event('pagehide'))
  const store = createStore()
  ends.push(keepWorkspace(store, addressed))
  if (actor !== undefined) signIn(store, actor)
  return store
}

const signIn = (store: Store, actor: string) => {
  store.dispatch(connectionChanged({ phase: 'live' }))
  store.dispatch(identified({ actor, role: 'operator' }))
}
const workspaceOf = (store: Store) => store.getState().workspace

test('drafts and settings are there again for their account, and for no other one in the same browser', () => {
  const anna = open('operator:anna')
  anna.dispatch(draftWritten({ chatId: a, text: 'half of a price' }))
  anna.dispatch(noteWritten({ chatId: a, text: 'half of a note' }))
  anna.dispatch(alertsChosen({ sound: false }))

  const boris = open('operator:boris')
  expect(workspaceOf(boris)).toMatchObject({ drafts: {}, noteDrafts: {}, alerts: { sound: true } })
  boris.dispatch(draftWritten({ chatId: a, text: 'of Boris' }))

  const back = workspaceOf(open('operator:anna'))
  expect([back.drafts, back.noteDrafts, back.alerts.sound]).toEqual([
    { [a]: 'half of a price' },
    { [a]: 'half of a note' },
    false,
  ])
  expect(workspaceOf(open('operator:boris')).drafts).toEqual({ [a]: 'of Boris' })
})

test('whoever signs in on a page that another account was signed out of finds nothing of theirs', () => {
  const page = open('operator:anna')
  page.dispatch(chatOpened(a))
  page.dispatch(draftWritten({ chatId: a, text: 'of Anna' }))
  page.dispatch(connectionChanged({ phase: 'signedOut' }))
  expect(workspaceOf(page)).toMatchObject({ drafts: {}, active: a })
  signIn(page, 'operator:boris')
  expect(workspaceOf(page)).toMatchObject({ drafts: {}, active: a }) // where the address points
  // and where the cookie has changed hands in another tab
  signIn(page, 'operator:anna')
  expect(workspaceOf(page).drafts).toEqual({ [a]: 'of Anna' })
})

test('what is shown is as it was left, unless an address says what to show', () => {
  open('operator:anna').dispatch(placeChosen('bots'))
  expect(workspaceOf(open('operator:anna')).place).toBe('bots')
  expect(workspaceOf(open('operator:anna', true)).place).toBe('chats')
})

test('a message that was on its way is there again, under its id', () => {
  const sending = open('operator:anna')
  sending.dispatch(answerAwaited({ chatId: a, unanswered: { id: 'cmd_1', mode: 'message', text: 'Deal?' } }))
  const again = workspaceOf(open('operator:anna'))
  expect([again.drafts[a], again.unanswered[a]?.id]).toEqual(['Deal?', 'cmd_1'])
})

test('two windows keep the drafts of both, and one that has not gone on takes over what the other has written', () => {
  const [one, two] = [createStore(), createStore()]
  for (const page of [one, two]) {
    ends.push(keepWorkspace(page, false))
    signIn(page, 'operator:anna')
  }
  one.dispatch(draftWritten({ chatId: a, text: 'one' }))
  two.dispatch(draftWritten({ chatId: b, text: 'two' }))
  expect(workspaceOf(open('operator:anna')).drafts).toEqual({ [a]: 'one', [b]: 'two' })

  const key = 'switchboard.2/operator:anna/draft/chat_b'
  const stored = (message: string) => JSON.stringify({ message })
  const tell = (oldValue: string | null, newValue: string | null) =>
    window.dispatchEvent(new StorageEvent('storage', { key, oldValue, newValue }))
  tell(null, stored('two'))
  expect(workspaceOf(one).drafts[b]).toBe('two')
  tell(stored('two'), null)
  expect(workspaceOf(one).drafts[b]).toBeUndefined()
  one.dispatch(draftWritten({ chatId: b, text: 'my own' }))
  tell(stored('two'), stored('three'))
  expect(workspaceOf(one).drafts[b]).toBe('my own')
})

test('a storage that is full or forbidden costs nothing but memory', () => {
  const forbidden = () => {
    throw new DOMException('no', 'SecurityError')
  }
  for (const method of ['getItem', 'setItem', 'removeItem'] as const)
    vi.spyOn(Storage.prototype, method).mockImplementation(forbidden)
  const page = open('operator:anna')
  page.dispatch(draftWritten({ chatId: a, text: 'still here' }))
  window.dispatchEvent(new Event('pagehide'))
  expect(workspaceOf(page).drafts).toEqual({ [a]: 'still here' })
})

test.for<[string, string]>([
  ['settings', 'not JSON'],
  ['settings', 'null'],
  ['settings', '[]'],
  ['settings', '"x"'],
  ['settings', '{"alerts":null,"panes":"abc","place":"nowhere","folded":{"length":1},"language":"xx","active":7}'],
  ['settings', '{"alerts":{"sound":"yes","scope":"all"},"panes":[null,1,{},""],"sideBySide":1,"chatFilter":[]}'],
  ['settings', '{"__proto__":{"place":"bots"},"drafts":"x","noteDrafts":null,"unanswered":7}'],
  ['draft/chat_a', 'not JSON'],
  ['draft/chat_a', '{"message":{"a":1},"note":null,"unanswered":{"id":"<>","mode":"x"}}'],
  ['draft/chat_a', '7'],
])('what is stored and does not fit falls back to what it would be without (%s: %s)', ([entry, text]) => {
  localStorage.setItem(`switchboard.2/operator:anna/${entry}`, text)
  localStorage.setItem('switchboard.workspace.1', '{"drafts":{"chat_a":"of who knows whom"}}')
  expect(workspaceOf(open('operator:anna'))).toEqual(initialWorkspace)
})

test('what fits is taken, whatever stands beside it', () => {
  const given = { place: 'bots', panes: [a, a, 7, b], sideBySide: true, alerts: { desktop: true }, what: 'else' }
  expect(fittedWorkspace(initialWorkspace, given)).toEqual({
    ...initialWorkspace,
    place: 'bots',
    panes: [a, b],
    sideBySide: true,
    alerts: { ...initialWorkspace.alerts, desktop: true },
  })
})
