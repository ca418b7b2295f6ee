import { describe, expect, test } from 'vitest'

import { AGENT_OFF_REASONS, type AgentOffReason, type Delivery } from '@/contract/enums'
import type { Envelope } from '@/contract/events'
import type { ChatId, MessageId, TaskId } from '@/contract/ids'
import type { Chat, Deal, Task } from '@/contract/rows'
import { needsOf, oldest, whoseIs } from '@/queue/needs'
import { openNextNeeded } from '@/queue/next'
import { countNeedingMe, queueOf, queueTable } from '@/queue/queue'
import { batchArrived, toAction } from '@/store/events'
import { SnapshotAssembly } from '@/store/replica'
import { identified } from '@/store/slices/session'
import { createStore, snapshotArrived, type Store } from '@/store/store'

import { chat, message, NOON, task } from '../rows'

const [ME, BORIS] = ['operator:anna', 'operator:boris']
const led = (fields: Partial<Chat> = {}) => chat({ agentEnabled: false, owner: ME, ...fields })
const kinds = (of: Chat, about?: Task) => needsOf(of, about).map(({ kind }) => kind)
const off = (why: AgentOffReason) => ({ why, since: NOON + 7, by: 'plugin:dialogue', detail: null })

describe('a chat needs a person', () => {
  const lines = (...deliveries: (Delivery | null)[]) =>
    deliveries.map((delivery, index) =>
      message({ ts: NOON + index, from: delivery === null ? 'player' : 'bot', delivery }),
    )
  const after = (...deliveries: (Delivery | null)[]) => kinds(led({ messages: lines(...deliveries) }))

  test('when the player spoke last and no agent will answer', () => {
    const messages = lines(null)
    expect(kinds(led({ messages }))).toEqual(['waits'])
    expect(kinds(chat({ messages }))).toEqual([])
    expect(kinds(led({ messages, status: 'closed' }))).toEqual([])
    expect(kinds(led({ messages: lines('sent') }))).toEqual([])
  })

  test('where a line was not sent or may not have arrived, which is no answer', () => {
    expect(after(null, 'failed')).toEqual(['notSent', 'waits'])
    expect(after(null, 'inDoubt')).toEqual(['inDoubt', 'waits'])
    expect(after(null, 'sent', 'failed')).toEqual(['notSent'])
    expect(after(null, 'sent', 'inDoubt')).toEqual(['inDoubt'])
    expect(after('failed', null)).toEqual(['notSent', 'waits'])
    expect(after('failed', 'sent')).toEqual([])
    for (const delivery of ['queued', 'sending'] as const) expect(after(null, delivery)).toEqual([])
    const decided = message({ from: 'bot', delivery: 'inDoubt', retriedAs: 'msg_9' as MessageId })
    expect(kinds(led({ messages: [message(), decided, message({ from: 'bot', delivery: 'sent' })] }))).toEqual([])
  })

  test('for an agent’s line that the take-over held back as for one that was never written', () => {
    const held = message({ from: 'bot', author: 'agent:scripted_agent', delivery: 'failed', reason: 'takenOver' })
    expect(kinds(led({ messages: [message(), held] }))).toEqual(['waits'])
  })

  test('since the first of the player’s lines that nobody has answered', () => {
    const since = (...deliveries: (Delivery | null)[]) =>
      oldest(needsOf(led({ messages: lines(...deliveries) }), undefined)) - NOON
    expect(since(null, 'sent', null, null)).toBe(2)
    expect(since(null, 'failed', null)).toBe(0)
    expect(since(null, 'sent', 'failed', null)).toBe(2)
    expect(since(null, 'inDoubt', 'sent')).toBe(1)
  })

  test('when the agent was switched off by a failure and nobody has the chat since', () => {
    const chats = AGENT_OFF_REASONS.map((why) => ({ why, of: led({ owner: 'plugin:dialogue', agentOff: off(why) }) }))
    const without = chats.filter(({ of }) => !kinds(of).includes('agentOff')).map(({ why }) => why)
    expect(new Set(without)).toEqual(new Set(['operator', 'noTask', 'playerAsked', 'sentElsewhere']))
    expect(kinds(led({ agentOff: off('agentFailed') }))).toEqual([])
    expect(kinds(led({ owner: 'plugin:dialogue', agentOff: null }))).toEqual(['agentOff'])
    expect(kinds(led({ owner: 'plugin:dialogue', agentOff: off('playerAsked') }))).toEqual(['waits'])
  })

  test('while the trade is to be done, and where it was reversed', () => {
    const closed = chat({ status: 'closed', agentEnabled: false })
    const about = (fields: Partial<Task>) => kinds(closed, task({ chatId: closed.id, status: 'resolved', ...fields }))
    const deal = (stage: Deal['stage']) => ({ deal: { stage, since: NOON, by: ME } as Deal })
    expect(about({})).toEqual(['trade'])
    expect(about({ status: 'accepted' })).toEqual([])
    expect((['traded', 'settled', 'reversed', 'fellThrough'] as const).flatMap((stage) => about(deal(stage)))).toEqual([
      'reversed',
    ])
    // its end was undone: the talk goes on in another chat
    expect(about({ chatId: 'chat_2' as ChatId })).toEqual([])
  })

  test('not while it is put off, but for what has gone wrong since, and when its time has come', () => {
    const snooze = { until: NOON + 99, since: NOON + 2, by: ME, dueAt: null }
    const messages = lines(null)
    expect(kinds(led({ messages, snooze }))).toEqual([])
    expect(kinds(led({ messages, snooze: { ...snooze, dueAt: NOON + 99 } }))).toEqual(['waits', 'snoozeDue'])
    const failed = message({ ts: NOON + 5, from: 'bot', delivery: 'failed' })
    expect(kinds(led({ messages: [...messages, failed], snooze }))).toEqual(['notSent'])
  })

  test('where a colleague calls them, whoever leads it, and nobody else', () => {
    const mentions = [{ operator: ME, why: 'named', since: NOON, by: BORIS, noteId: null }] as const
    const called = led({ owner: BORIS, mentions })
    expect(needsOf(called, undefined, ME).map(({ kind }) => kind)).toEqual(['named'])
    expect(needsOf(called, undefined, BORIS)).toEqual([])
    expect([whoseIs(called, ME), whoseIs(called, BORIS)]).toEqual(['mine', 'mine'])
    expect(whoseIs(called, 'operator:vera')).toBe('colleagues')
  })

  test('of theirs, of a colleague’s, or of nobody’s', () => {
    const whose = (owner: string | null) => whoseIs({ owner, mentions: [] }, ME)
    expect([ME, BORIS, 'notebook:boris', null, 'plugin:dialogue'].map(whose)).toEqual([
      'mine',
      'colleagues',
      'colleagues',
      'nobodys',
      'nobodys',
    ])
  })
})

describe('the queue', () => {
  const waiting = (id: string, ts: number, owner: string | null) =>
    led({ id: id as ChatId, taskId: `task_${id}` as TaskId, owner, messages: [message({ ts })] })
  const CHATS = [
    waiting('late', NOON + 9, ME),
    waiting('early', NOON, ME),
    waiting('theirs', NOON, BORIS),
    waiting('nobodys', NOON - 9, null),
    chat({ id: 'agents' as ChatId, taskId: 'task_agents' as TaskId }),
  ]

  function open(): Store {
    const store = createStore()
    store.dispatch(identified({ actor: ME, role: 'operator' }))
    const tasks = CHATS.map(({ id, taskId }) => task({ id: taskId!, chatId: id, status: 'accepted' }))
    const part = { seq: 1, ts: 1, part: 1, parts: 1, state: { chats: CHATS, tasks } }
    store.dispatch(snapshotArrived(new SnapshotAssembly().add(part)!))
    return store
  }
  const happen = (store: Store, kind: string, payload: object, actor = 'agent:scripted_agent') => {
    const seq = store.getState().replica.seq + 1
    store.dispatch(batchArrived([{ seq, ts: seq, actor, cause: null, kind, payload } as Envelope].map(toAction)))
  }
  const shown = (store: Store) =>
    Object.fromEntries(
      queueOf(store).groups.flatMap(({ name, rows }) => (rows.length ? [[name, rows.map(({ id }) => id)]] : [])),
    )

  test('has mine first, then nobody’s, then colleagues’, the longest wait on top of each', () => {
    const store = open()
    expect(shown(store)).toEqual({
      mine: ['early', 'late'],
      nobodys: ['nobodys'],
      colleagues: ['theirs'],
      agent: ['agents'],
    })
    expect(countNeedingMe(queueOf(store))).toBe(3)
  })

  test('leads from one that needs me to the next by a key, round and round, and past colleagues’', () => {
    const store = open()
    const opened = () => {
      openNextNeeded(store)
      return store.getState().workspace.active
    }
    expect([opened(), opened(), opened(), opened()]).toEqual(['early', 'late', 'nobodys', 'early'])
  })

  test('takes a chat in when its task is agreed, and out when the trade is done', () => {
    const store = open()
    happen(store, 'task.statusChanged', {
      taskId: 'task_agents',
      status: 'resolved',
      reason: 'agreed',
      detail: null,
      agreedPrice: '11.00',
      byHand: false,
      nextStep: null,
    })
    happen(store, 'chat.closed', { chatId: 'agents', reason: 'agreed' })
    expect(shown(store)).toMatchObject({ nobodys: ['agents', 'nobodys'] })
    happen(store, 'task.traded', { taskId: 'task_agents', reversibleUntil: 99, offerId: null, note: null }, ME)
    expect(shown(store)).toMatchObject({ nobodys: ['nobodys'], closed: ['agents'] })
  })

  test('is by whoever looks at it', () => {
    const store = open()
    queueTable(store)
    store.dispatch(identified({ actor: BORIS, role: 'operator' }))
    expect(shown(store)).toMatchObject({ mine: ['theirs'], colleagues: ['early', 'late'] })
  })
})
