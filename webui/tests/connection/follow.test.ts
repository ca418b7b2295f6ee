// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { backoff, LONGEST_MS } from '@/connection/backoff'
import { follow, reconnect } from '@/connection/follow'
import { crc32 } from '@/store/checks'
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

test('a copy that the server does not know is replaced at once, and the operator is told', async () => {
  await settle()
  streams[0]!.snapshot({ seq: 4, state: { contacts: [contact()] } })
  streams[0]!.batch(event(5))
  streams[0]!.checks({
    ...CHECK,
    crc32: crc32(json([{ ...contact(), paused: true, pausedBy: 'operator:anna', pausedAt: 5 }])),
  })
  await settle()
  expect(streams).toHaveLength(1)
  expect(store.getState().problems.latest).toEqual([])

  streams[0]!.checks({ ...CHECK, crc32: 1 })
  await settle()
  expect(streams).toHaveLength(2)
  expect(phase()).toBe('stale')
  expect(store.getState().problems.latest).toMatchObject([{ table: 'contacts', seq: 5 }])

  streams[1]!.snapshot({ seq: 5, state: { contacts: [contact()] } })
  streams[1]!.checks({ ...CHECK, crc32: 1 })
  await settle()
  expect(phase()).toBe('live')
  expect(streams, 'a page that did nothing but copy would be of no use').toHaveLength(2)
})

test('the checksum is the one that every other program calls CRC-32', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
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

const CHECK = { seq: 5, table: 'contacts', size: 1, start: 0, count: 1 }
const json = (rows: unknown) => new TextEncoder().encode(JSON.stringify(rows))

function contact() {
  return { id: 'contact', paused: false, pausedBy: null, pausedAt: null, invites: [], stopWords: [] }
}
