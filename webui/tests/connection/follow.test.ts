// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { backoff, LONGEST_MS } from '@/connection/backoff'
import { follow, reconnect } from '@/connection/follow'
import { createStore, type Store } from '@/store/store'

import { event, FakeStream } from './server'

let streams: FakeStream[]
let store: Store
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  streams = []
  store = createStore()
  stop = follow(store, (_url, init) => {
    const stream = new FakeStream(init?.signal ?? null)
    streams.push(stream)
    return Promise.resolve(stream.response)
  })
})

afterEach(() => {
  stop()
  vi.useRealTimers()
})

const settle = () => vi.advanceTimersByTimeAsync(1)
const phase = () => store.getState().connection.phase

test('the page is live with the last part of the snapshot, and follows the batches', async () => {
  await settle()
  streams[0]!.snapshot({ seq: 4, part: 1, parts: 2 })
  await settle()
  expect(phase()).toBe('catchingUp')

  streams[0]!.snapshot({ seq: 4, part: 2, parts: 2, state: { contacts: [contact()] } })
  streams[0]!.batch(event(5))
  await settle()
  expect(phase()).toBe('live')
  expect(store.getState().replica.seq).toBe(5)
  expect(store.getState().replica.contacts.get('contact')?.paused).toBe(true)
})

test('a gap in the order is answered with a new snapshot, and what is shown stays whole meanwhile', async () => {
  await settle()
  streams[0]!.snapshot({ seq: 4, state: { contacts: [contact()] } })
  streams[0]!.batch(event(6))
  await settle()
  expect(phase()).toBe('stale')
  expect(store.getState().replica.seq).toBe(4)
  expect(store.getState().replica.contacts.get('contact')?.paused).toBe(false)

  await vi.advanceTimersByTimeAsync(LONGEST_MS)
  expect(streams).toHaveLength(2)
  streams[1]!.snapshot({ seq: 6, state: { contacts: [contact()] } })
  await settle()
  expect(phase()).toBe('live')
  expect(store.getState().replica.seq).toBe(6)
})

test('a stream that ends says since when the page is stale, and is tried again at once when asked', async () => {
  await settle()
  streams[0]!.snapshot({ seq: 4, state: { contacts: [contact()] } })
  await settle()
  const heard = Date.now()
  streams[0]!.end()
  await settle()
  expect(store.getState().connection).toMatchObject({ phase: 'stale', since: expect.closeTo(heard, -2) as number })

  reconnect()
  await settle()
  expect(streams).toHaveLength(2)
})

test('waiting doubles up to its limit, and no two pages wait the same', () => {
  expect(backoff(1, () => 1)).toBe(500)
  expect(backoff(3, () => 1)).toBe(2_000)
  expect(backoff(50, () => 1)).toBe(LONGEST_MS)
  expect(backoff(50, () => 0)).toBe(250)
})

function contact() {
  return { id: 'contact', paused: false, pausedBy: null, pausedAt: null, invites: [], stopWords: [] }
}
