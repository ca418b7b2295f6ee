import { expect, test } from 'vitest'

import type { OneChat } from '@/contract/history'
import type { ChatId, MessageId, SteamId64, TaskId } from '@/contract/ids'
import { keepOpenChats } from '@/history/keepOpenChats'
import { viewOf } from '@/history/pastRows'
import { chatIn, taskIn } from '@/history/useOpenChat'
import { batchArrived, type EventAction } from '@/store/events'
import { SnapshotAssembly } from '@/store/replica'
import { chatKept, earlierRead } from '@/store/slices/past'
import { chatOpened } from '@/store/slices/workspace'
import { createStore, snapshotArrived } from '@/store/store'

import { chat, message, NOON, task } from '../rows'

const ID = 'chat_1' as ChatId
const ended = { status: 'closed', closedAt: NOON + 60_000, agentEnabled: false } as const

function storeWith(...messages: ReturnType<typeof message>[]) {
  const store = createStore()
  const parts = new SnapshotAssembly()
  const state = {
    chats: [chat({ id: ID, messages, ...ended }), chat({ id: 'chat_2' as ChatId, ...ended })],
    tasks: [task({ status: 'resolved', chatId: ID })],
  }
  store.dispatch(snapshotArrived(parts.add({ seq: 4, ts: NOON, part: 1, parts: 1, state })!))
  return store
}

const archived = (seq: number, type: string, payload: object) =>
  batchArrived([{ type, payload, meta: { seq, ts: NOON, actor: 'plugin:history' } } as unknown as EventAction])

test('what is open when it leaves the live state stays as it was, with its task', () => {
  const line = message({ text: 'deal' })
  const store = storeWith(line)
  const end = keepOpenChats(store)
  store.dispatch(chatOpened(ID))
  const shown = store.getState().replica.chats.get(ID)!

  store.dispatch(archived(5, 'chat.archived', { chatIds: [ID, 'chat_2'] }))
  store.dispatch(archived(6, 'task.archived', { taskIds: ['task_1'] }))

  const state = store.getState()
  expect(state.replica.chats.has(ID)).toBe(false)
  expect(chatIn(state, ID)).toBe(shown)
  expect(taskIn(state, shown)?.id).toBe('task_1')
  expect(Object.keys(state.past)).toEqual([ID])
  end()
})

test('a chat that is live is never taken from elsewhere', () => {
  const store = storeWith()
  store.dispatch(chatKept({ chat: chat({ id: ID, messages: [message()] }), task: null, lines: 1, next: null }))

  expect(chatIn(store.getState(), ID)).toBe(store.getState().replica.chats.get(ID))
})

test('lines from before the first are put above, each once, and nothing else moves', () => {
  const store = createStore()
  const [one, two, three] = ['a', 'b', 'c'].map((id) => message({ id: id as MessageId }))
  store.dispatch(chatKept({ chat: chat({ id: ID, messages: [three!] }), task: null, lines: undefined, next: null }))

  store.dispatch(earlierRead({ chatId: ID, messages: [two!, three!], next: 7, lines: 3 }))
  store.dispatch(earlierRead({ chatId: ID, messages: [one!, two!], next: null, lines: 3 }))

  const view = store.getState().past[ID]!
  expect(view.chat.messages).toEqual([one, two, three])
  expect(view).toMatchObject({ lines: 3, next: null })
})

test('nothing of a player who is forgotten is kept, and what is of others stays', () => {
  const store = storeWith()
  const other = '76561198000000002' as SteamId64
  const mine = chat({ id: 'chat_8' as ChatId, messages: [message({ text: 'my name' })] })
  store.dispatch(chatKept({ chat: mine, task: null, lines: 1, next: null }))
  const theirs = chat({ id: 'chat_9' as ChatId, playerSteamId64: other })
  store.dispatch(chatKept({ chat: theirs, task: null, lines: 0, next: null }))

  store.dispatch(archived(5, 'player.forgotten', { playerSteamId64: mine.playerSteamId64 }))

  expect(Object.keys(store.getState().past)).toEqual(['chat_9'])
})

test('of chats that are read one after the other, the first are forgotten', () => {
  const store = createStore()
  for (let number = 0; number < 40; number += 1) {
    store.dispatch(chatKept({ chat: chat({ id: `chat_${number}` as ChatId }), task: null, lines: 0, next: null }))
  }
  expect(Object.keys(store.getState().past).at(-1)).toBe('chat_39')
  expect(Object.keys(store.getState().past).length).toBeLessThan(30)
})

test('the archive’s chat is one like any other, that has ended', () => {
  const answer: OneChat = {
    upTo: 9,
    asOf: NOON,
    chat: {
      no: 2,
      id: 'chat_9',
      botId: 'bot_1',
      playerSteamId64: '76561198000000001',
      startedAt: NOON,
      closedAt: NOON + 5,
      lines: 3,
      agent: 'agent:scripted_agent',
      taskId: 'task_9',
    },
    task: {
      no: 1,
      id: 'task_9',
      playerSteamId64: '76561198000000001',
      item: 'AK-47',
      priceMin: '1.00',
      priceMax: '2.00',
      currency: 'USD',
      status: 'resolved',
      agreedPrice: '1.50',
      createdAt: NOON,
      createdBy: 'operator:anna',
      endedAt: NOON + 4,
    },
    messages: [{ seq: 3, id: 'msg_9', ts: NOON + 1, author: 'player:76561198000000001', from: 'player', text: 'ok' }],
    handovers: [],
    notes: [{ seq: 4, id: 'note_9', ts: NOON + 2, author: 'operator:anna', text: 'fair' }],
    next: 3,
  }

  const view = viewOf(answer)

  expect(view.chat).toMatchObject({
    status: 'closed',
    closedAt: NOON + 5,
    agent: 'scripted_agent',
    taskId: 'task_9' as TaskId,
  })
  expect(view.chat.messages).toMatchObject([{ id: 'msg_9', from: 'player', text: 'ok', delivery: null }])
  expect(view.chat.notes).toMatchObject([{ author: 'operator:anna', text: 'fair' }])
  expect(view.task).toMatchObject({ status: 'resolved', statusSince: NOON + 4, agreedPrice: '1.50' })
  expect(view).toMatchObject({ lines: 3, next: 3 })
})
