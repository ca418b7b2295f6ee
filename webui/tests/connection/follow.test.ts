// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { backoff, LONGEST_MS } from '@/connection/backoff'
import { serverClock } from '@/connection/clock'
import { follow, reconnect } from '@/connection/follow'
import { crc32 } from '@/store/checks'
import { createStore, type Store } from '@/store/store'

import { event, FakeStream } from './server'

let streams: FakeStream[]
let timeThere: number | undefined
let store: Store
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  streams = []
  timeThere = undefined
  store = createStore()
  stop = follow(store, (_url, init) => {
    const headers = timeThere === undefined ? {} : { 'switchboard-time': String(timeThere) }
    const stream = new FakeStream(init?.signal ?? null, headers)
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

test('ages are told by the clock of the server, whatever the one here says, and before anything has happened', async () => {
  await settle()
  streams[0]!.end()
  await settle()
  const there = Date.now() - 26 * 3_600_000
  timeThere = there
  reconnect()
  await settle()
  streams[1]!.snapshot({ seq: 4, state: { contacts: [contact()] } })
  await settle()
  expect(serverClock.now() - there).toBeLessThan(1_000)

  const stepped = there + 86_400_000
  streams[1]!.batch({ ...event(5), ts: stepped, kind: 'clock.stepped', payload: STEP })
  await settle()
  expect(serverClock.now() - stepped).toBeLessThan(1_000)
  expect(store.getState().problems.latest).toMatchObject([{ byMs: 86_400_000, seq: 5 }])
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

const STEP = { byMs: 86_400_000, earlierByMs: 86_400_000, runBegan: 0 }
const CHECK = { seq: 5, table: 'contacts', size: 1, start: 0, count: 1 }
const json = (rows: unknown) => new TextEncoder().encode(JSON.stringify(rows))

function contact() {
  return { id: 'contact', paused: false, pausedBy: null, pausedAt: null, invites: [], stopWords: [] }
}
