// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { reportPresence, clearTyping, markTyping } from '@/connection/reportPresence'
import type { ChatId } from '@/contract/ids'
import { connectionChanged } from '@/store/slices/connection'
import { colleagues, viewersOf, type Page, presenceReceived } from '@/store/slices/presence'
import { chatOpened, placeChosen } from '@/store/slices/workspace'
import { createStore, type Store } from '@/store/store'

const [a, b] = ['chat_a', 'chat_b'] as [ChatId, ChatId]
const page = (actor: string, fields: Partial<Page> = {}): Page => ({
  page: actor,
  actor: `operator:${actor}`,
  here: true,
  chats: [],
  typing: null,
  ...fields,
})

describe('who is here', () => {
  test('is everybody but me, each once, with all that their pages show', () => {
    const pages = [
      page('anna', { chats: [a] }),
      page('boris', { here: false, chats: [b] }),
      page('boris', { chats: [a], typing: a }),
    ]
    expect(colleagues(pages, 'operator:anna')).toEqual([
      { actor: 'operator:boris', here: true, typing: true, chats: [a] },
    ])
  })

  test('at a chat is who shows it in a window in sight, or writes in it', () => {
    const pages = [
      page('boris', { chats: [a, b], typing: b }),
      page('vera', { here: false, chats: [a] }),
      page('gleb', { here: false, typing: a }),
    ]
    expect(viewersOf(pages, a, 'operator:anna').map(({ actor, typing }) => [actor, typing])).toEqual([
      ['operator:boris', false],
      ['operator:gleb', true],
    ])
  })

  test('is not known once the line has broken', () => {
    const store = createStore()
    store.dispatch(presenceReceived([page('boris')]))
    store.dispatch(connectionChanged({ phase: 'stale', since: 0, retryAt: 0, why: '' }))
    expect(store.getState().presence).toEqual([])
  })
})

describe('what this page says of itself', () => {
  let store: Store
  let stop: () => void
  let said: { here: boolean; chats: string[]; typing: string | null }[]
  const fails: { now: boolean } = { now: false }

  beforeEach(() => {
    vi.useFakeTimers()
    said = []
    fails.now = false
    store = createStore()
    stop = reportPresence(store, (_url, init) => {
      if (fails.now) return Promise.reject(new Error('no network'))
      said.push(JSON.parse(init?.body as string) as (typeof said)[number])
      return Promise.resolve(new Response('{}'))
    })
  })
  afterEach(() => {
    clearTyping()
    stop()
    vi.useRealTimers()
  })
  const live = () => store.dispatch(connectionChanged({ phase: 'live' }))
  const last = () => said.at(-1)

  test('is said when the stream is there, and again with each new one', () => {
    store.dispatch(chatOpened(a))
    vi.advanceTimersByTime(1_000)
    expect(said).toEqual([])
    live()
    expect(last()).toMatchObject({ here: true, chats: [a], typing: null })
    store.dispatch(connectionChanged({ phase: 'stale', since: 0, retryAt: 0, why: '' }))
    live()
    expect(said).toHaveLength(2)
  })

  test('follows the operator from chat to chat, and is not said twice for nothing', () => {
    live()
    store.dispatch(chatOpened(a))
    store.dispatch(chatOpened(b))
    vi.advanceTimersByTime(200)
    expect(last()?.chats).toEqual([b])
    const times = said.length
    store.dispatch(placeChosen('chats'))
    vi.advanceTimersByTime(200)
    expect(said).toHaveLength(times)
  })

  test('shows no chat while its operator is at the tasks', () => {
    live()
    store.dispatch(chatOpened(a))
    store.dispatch(placeChosen('tasks'))
    vi.advanceTimersByTime(200)
    expect(last()?.chats).toEqual([])
  })

  test('ends to say that somebody types when they pause, and when they send', () => {
    live()
    markTyping(a)
    vi.advanceTimersByTime(200)
    expect(last()?.typing).toBe(a)
    vi.advanceTimersByTime(10_000)
    expect(last()?.typing).toBeNull()
    markTyping(a)
    vi.advanceTimersByTime(200)
    clearTyping()
    vi.advanceTimersByTime(200)
    expect(last()?.typing).toBeNull()
  })

  test('is said again now and then, and after it could not be', async () => {
    live()
    vi.advanceTimersByTime(60_000)
    expect(said.length).toBeGreaterThan(2)
    fails.now = true
    markTyping(a)
    await vi.advanceTimersByTimeAsync(200)
    fails.now = false
    await vi.advanceTimersByTimeAsync(30_000)
    expect(last()).toMatchObject({ here: true })
  })
})
