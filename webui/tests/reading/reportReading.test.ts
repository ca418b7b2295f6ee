import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Role } from '@/contract/enums'
import type { MessageId } from '@/contract/ids'
import type { Chat, Operator } from '@/contract/rows'
import { reportReading } from '@/reading/reportReading'
import { unread, unseen } from '@/reading/unread'
import { readingOf } from '@/reading/useReading'
import { SnapshotAssembly } from '@/store/replica'
import { connectionChanged } from '@/store/slices/connection'
import { lineRead } from '@/store/slices/reading'
import { identified } from '@/store/slices/session'
import { createStore, snapshotArrived, type Store } from '@/store/store'

import { chat, message } from '../rows'

const ME = 'operator:anna'
const messages = ['msg_1', 'msg_2'].map((id) => message({ id: id as MessageId }))
const KNOWN: Operator = { actor: ME, caughtUpAt: 0 }

let store: Store
let stop: () => void
let given: { kind: string; payload: Record<string, string>; id?: string }[]
let answers: boolean

beforeEach(() => {
  vi.useFakeTimers()
  given = []
  answers = true
  vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
    if (!answers) return Promise.reject(new Error('no network'))
    given.push(JSON.parse(init.body as string) as (typeof given)[number])
    return Promise.resolve(new Response('{"ok": true}'))
  })
  store = createStore()
  stop = reportReading(store)
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function begin(operators: Operator[], of: Partial<Chat> = {}, role: Role = 'operator'): Chat {
  const talk = chat({ messages, ...of })
  const replica = new SnapshotAssembly().add({ seq: 1, ts: 1, part: 1, parts: 1, state: { chats: [talk], operators } })!
  store.dispatch(snapshotArrived(replica))
  store.dispatch(connectionChanged({ phase: 'live' }))
  store.dispatch(identified({ actor: ME, role }))
  return talk
}

test('what was read is told once, by its line, and without an id that the server would have to remember', async () => {
  const { id } = begin([KNOWN])
  store.dispatch(lineRead({ chatId: id, upTo: messages[1]!.id }))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(given).toEqual([{ kind: 'MarkRead', payload: { chatId: id, upTo: 'msg_2' } }])
})

test('nothing is told that the server knows, from another window perhaps', async () => {
  const { id } = begin([KNOWN], { read: { [ME]: messages[1]!.id } })
  store.dispatch(lineRead({ chatId: id, upTo: messages[0]!.id }))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(given).toEqual([])
})

test('what could not be told is told when the server answers again', async () => {
  const { id } = begin([KNOWN])
  answers = false
  store.dispatch(lineRead({ chatId: id, upTo: messages[1]!.id }))
  await vi.advanceTimersByTimeAsync(30_000)
  answers = true
  await vi.advanceTimersByTimeAsync(30_000)
  expect(given.map(({ kind }) => kind)).toEqual(['MarkRead'])
})

test('an operator whom the server does not know begins with everything read, once', async () => {
  begin([])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(given).toEqual([{ kind: 'MarkAllRead', payload: {} }])
})

test('a viewer’s reading is told to nobody, and nothing is theirs to read: the team has not seen it', async () => {
  const talk = begin([{ actor: 'operator:boris', caughtUpAt: 0 }], {}, 'viewer')
  store.dispatch(lineRead({ chatId: talk.id, upTo: messages[1]!.id }))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(given).toEqual([])
  const reading = readingOf(store.getState(), ME)
  expect(unread(talk, reading)).toBe(0)
  expect(unseen(talk, reading)).toBe(2)
})
