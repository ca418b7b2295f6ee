// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { type Alert, detectAlert } from '@/alerts/detectAlert'
import { watchAlerts } from '@/alerts/watch'
import type { Envelope } from '@/contract/events'
import type { ChatId, MessageId } from '@/contract/ids'
import type { Chat, Message, Task } from '@/contract/rows'
import { queueRow } from '@/queue/queue'
import { batchArrived, toAction } from '@/store/events'
import { SnapshotAssembly } from '@/store/replica'
import { presenceReceived } from '@/store/slices/presence'
import { identified } from '@/store/slices/session'
import { alertsChosen, chatOpened } from '@/store/slices/workspace'
import { createStore, snapshotArrived, type Store } from '@/store/store'

import { chat, message, NOON, task } from '../rows'

const [ME, BORIS] = ['operator:anna', 'operator:boris']

describe('an operator is called', () => {
  const mine = chat({ owner: ME, agentEnabled: false, messages: [message({ text: 'before' })] })
  const says = (of: Chat, ...more: ReturnType<typeof message>[]) => ({ ...of, messages: [...of.messages, ...more] })
  type Scope = 'mine' | 'mineAndNobodys'
  const detect = (before: Chat | undefined, after: Chat, scope: Scope, was?: Task, is?: Task) =>
    detectAlert(before && queueRow(before, was, ME), queueRow(after, is, ME), ME, scope)
  const kind = (before: Chat | undefined, after: Chat, scope: Scope = 'mineAndNobodys') =>
    detect(before, after, scope)?.kind

  test('for the player’s words in a chat that they lead, and not for words of our own', () => {
    expect(detect(mine, says(mine, message({ text: 'now' })), 'mine')).toMatchObject({
      kind: 'message',
      text: 'now',
    })
    expect(kind(mine, says(mine, message({ from: 'bot', author: ME })))).toBeUndefined()
    expect(kind(mine, { ...mine, notes: [], read: { [ME]: mine.messages[0]!.id } })).toBeUndefined()
  })

  test('in nobody’s chats as they chose, and never in a colleague’s or an agent’s', () => {
    const nobodys = { ...mine, owner: null }
    expect(kind(nobodys, says(nobodys, message()))).toBe('message')
    expect(kind(nobodys, says(nobodys, message()), 'mine')).toBeUndefined()
    for (const other of [
      { ...mine, owner: BORIS },
      { ...mine, owner: null, agentEnabled: true },
    ])
      expect(kind(other, says(other, message()))).toBeUndefined()
  })

  test('when a colleague takes their chat, but not when they give it back themselves', () => {
    expect(kind(mine, { ...mine, owner: BORIS })).toBe('taken')
    expect(kind(mine, { ...mine, owner: null, agentEnabled: true })).toBeUndefined()
  })

  test('when what they wrote was not sent, once', () => {
    const queued = says(mine, message({ from: 'bot', author: ME, delivery: 'queued', text: 'Deal?' }))
    const failed = {
      ...queued,
      messages: queued.messages.map((m) => ({ ...m, delivery: m.delivery && 'failed' })),
    } as Chat
    expect(detect(queued, failed, 'mine')).toMatchObject({ kind: 'notSent', text: 'Deal?' })
    expect(kind(failed, { ...failed, notes: [] })).toBeUndefined()
  })

  test('when what they wrote may not have arrived, and not for what they took back themselves', () => {
    const sending = says(mine, message({ from: 'bot', author: ME, delivery: 'sending', text: 'Deal?' }))
    const become = (fields: Partial<Message>) => ({
      ...sending,
      messages: sending.messages.map((m) => (m.delivery === null ? m : { ...m, ...fields })),
    })
    expect(detect(sending, become({ delivery: 'inDoubt' }), 'mine')).toMatchObject({
      kind: 'inDoubt',
      text: 'Deal?',
    })
    expect(kind(sending, become({ delivery: 'failed', reason: 'discarded' }))).toBeUndefined()
  })

  test('when the agent cannot go on', () => {
    const led = { ...mine, owner: null, agentEnabled: true }
    expect(kind(led, { ...led, agentEnabled: false, owner: 'plugin:dialogue' })).toBe('agentOff')
    expect(kind(led, { ...led, agentEnabled: false, status: 'closed' })).toBeUndefined()
    const asked = { why: 'playerAsked', since: NOON, by: 'plugin:dialogue', detail: null } as const
    expect(kind(led, { ...led, agentEnabled: false, owner: 'plugin:dialogue', agentOff: asked })).toBe('waits')
  })

  test('when a deal is agreed in nobody’s chat, and not of one that they have recorded', () => {
    const led = { ...mine, owner: null, agentEnabled: true }
    const [talking, agreed] = [
      task({ chatId: led.id, status: 'accepted' }),
      task({ chatId: led.id, status: 'resolved' }),
    ]
    const closed = { ...led, agentEnabled: false, status: 'closed' } as const
    expect(detect(led, closed, 'mineAndNobodys', talking, agreed)?.kind).toBe('trade')
    expect(detect(led, closed, 'mine', talking, agreed)).toBeUndefined()
    expect(detect(closed, { ...closed, notes: [] }, 'mineAndNobodys', agreed, agreed)).toBeUndefined()
    const byHand = { ...agreed, byHand: true }
    expect(detect(mine, { ...mine, status: 'closed' }, 'mineAndNobodys', talking, byHand)).toBeUndefined()
  })
})

describe('the page', () => {
  let store: Store
  let stop: () => void
  let chimes: number
  let notes: Alert[]
  let now: number
  let turn: boolean
  let focused: boolean
  const mine = chat({ owner: ME, agentEnabled: false })
  const other = chat({ id: 'chat_2' as ChatId, owner: ME, agentEnabled: false })

  beforeEach(() => {
    ;[chimes, now, turn, focused, notes] = [0, 10_000, true, true, []]
    vi.spyOn(document, 'hasFocus').mockImplementation(() => focused)
    store = createStore()
    const callers = {
      playSound: () => (chimes += 1),
      notify: (alert: Alert) => notes.push(alert),
      isLeader: () => turn,
    }
    stop = watchAlerts(
      store,
      callers,
      () => now,
      () => now,
    )
    store.dispatch(identified({ actor: ME, role: 'operator' }))
    snapshot(1)
  })
  afterEach(() => stop())

  function snapshot(seq: number, chats: readonly Chat[] = [mine, other]) {
    const part = { seq, ts: seq, part: 1, parts: 1, state: { chats } }
    store.dispatch(snapshotArrived(new SnapshotAssembly().add(part)!))
  }
  let seq = 1
  function hear(...ids: ChatId[]) {
    seq = store.getState().replica.seq
    const events = ids.map((chatId): Envelope => {
      seq += 1
      const said = message({ id: `msg_${seq}_${chatId}` as MessageId })
      const payload = { chatId, message: said }
      return { seq, ts: seq, actor: 'player:1', cause: null, kind: 'chat.messageReceived', payload }
    })
    store.dispatch(batchArrived(events.map(toAction)))
  }

  test('chimes once for a burst, and notifies of each chat', () => {
    store.dispatch(alertsChosen({ desktop: true }))
    hear(mine.id, other.id)
    now += 100
    hear(mine.id)
    expect([chimes, notes.length]).toEqual([1, 3])
    now += 5_000
    hear(mine.id)
    expect(chimes).toBe(2)
  })

  test('is silent about the chat that is looked at, here or in another window of mine', () => {
    store.dispatch(chatOpened(mine.id))
    hear(mine.id)
    expect(chimes).toBe(0)
    focused = false
    hear(mine.id)
    expect(chimes).toBe(1)
    now += 5_000
    store.dispatch(presenceReceived([{ page: 'another', actor: ME, here: true, chats: [mine.id], typing: null }]))
    hear(mine.id)
    expect(chimes).toBe(1)
    hear(other.id)
    expect(chimes).toBe(2)
  })

  test('is silent when it is not its turn, when alerts are off, and about what a snapshot brings that was there', () => {
    snapshot(5)
    turn = false
    hear(mine.id)
    turn = true
    store.dispatch(alertsChosen({ sound: false }))
    hear(mine.id)
    expect([chimes, notes.length]).toEqual([0, 0])
  })

  test('calls for what came while the connection was broken, for no more than five chats by name', () => {
    store.dispatch(alertsChosen({ desktop: true }))
    snapshot(9, [{ ...mine, owner: BORIS, epoch: 2 }, other])
    expect(notes.map(({ kind, chat: { id } }) => [kind, id])).toEqual([['taken', mine.id]])
    const many = Array.from({ length: 9 }, (_, index) =>
      chat({ id: `chat_new${index}` as ChatId, agentEnabled: false, messages: [message({ ts: now })] }),
    )
    snapshot(12, [{ ...mine, owner: BORIS, epoch: 2 }, other, ...many])
    expect([chimes, notes.length]).toEqual([1, 6])
  })

  test('calls once for a player who has waited longer than the limit, and not for who had so before', () => {
    vi.useFakeTimers()
    stop()
    store = createStore()
    store.dispatch(alertsChosen({ sound: false, desktop: true, waitLimit: 5 }))
    const callers = { playSound: () => 0, notify: (alert: Alert) => notes.push(alert), isLeader: () => true }
    stop = watchAlerts(store, callers, undefined, () => now)
    store.dispatch(identified({ actor: ME, role: 'operator' }))
    const waits = (id: string, ts: number, owner: string | null) =>
      chat({ id: id as ChatId, agentEnabled: false, owner, messages: [message({ ts })] })
    now = NOON + 6 * 60_000
    snapshot(1, [waits('chat_old', NOON, ME), waits('chat_new', now, ME), waits('chat_theirs', now, BORIS)])
    now += 4 * 60_000
    vi.advanceTimersByTime(60_000)
    expect(notes).toEqual([])
    now += 60_000
    vi.advanceTimersByTime(60_000)
    expect(notes.map(({ kind, chat: { id } }) => [kind, id])).toEqual([['overLimit', 'chat_new']])
    vi.useRealTimers()
  })
})
