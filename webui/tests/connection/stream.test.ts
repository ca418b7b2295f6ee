import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { readStream, type Reader, SignedOut, IDLE_TIMEOUT_MS } from '@/connection/stream'
import type { Replica } from '@/store/replica'

import { bot } from '../rows'
import { event, FakeStream } from './server'

function listening() {
  const heard: string[] = []
  const snapshots: Replica[] = []
  const reader: Reader = {
    onActivity: () => undefined,
    onTime: (now) => heard.push(`it is ${now}`),
    onPart: (part, parts) => heard.push(`part ${part}/${parts}`),
    onSnapshot: (replica) => {
      heard.push(`snapshot ${replica.seq}`)
      snapshots.push(replica)
    },
    onPresence: () => undefined,
    onChecks: (checks) => heard.push(`checks at ${checks.map(({ seq }) => seq).join(' ')}`),
    onEvents: (events) => heard.push(`events ${events.map(({ seq }) => seq).join(' ')}`),
  }
  return { heard, snapshots, reader }
}

function read(stream: FakeStream, reader: Reader, signal = new AbortController().signal) {
  return readStream(() => Promise.resolve(stream.response), '/api/event-stream', signal, reader)
}

describe('a stream', () => {
  test('gives one snapshot for all its parts, then the events', async () => {
    const { heard, snapshots, reader } = listening()
    const stream = new FakeStream()
    stream.snapshot({ seq: 7, part: 1, parts: 2, state: { bots: [bot()] } })
    stream.write(': still here\n\n')
    stream.snapshot({ seq: 7, part: 2, parts: 2, state: { bots: [bot({ id: 'bot_2' as never })] } })
    stream.batch(event(8), event(9))
    stream.end()
    await read(stream, reader)

    expect(heard).toEqual(['part 1/2', 'part 2/2', 'snapshot 7', 'events 8 9'])
    expect(snapshots[0]?.bots.rows().map(({ id }) => id)).toEqual(['bot_1', 'bot_2'])
  })

  test('cut anywhere between two bytes says the same, letters of two bytes too', async () => {
    const text = `event: batch\ndata: ${JSON.stringify([{ ...event(8), actor: 'operator:борис' }])}\n\n`
    const bytes = new TextEncoder().encode(text)
    for (let cut = 1; cut < bytes.length; cut += 7) {
      const { heard, reader } = listening()
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(bytes.slice(0, cut))
          controller.enqueue(bytes.slice(cut))
          controller.close()
        },
      })
      await readStream(() => Promise.resolve(new Response(body)), '/', new AbortController().signal, reader)
      expect(heard).toEqual(['events 8'])
    }
  })

  test('that begins a new snapshot in the midst of one forgets the parts of the old', async () => {
    const { heard, snapshots, reader } = listening()
    const stream = new FakeStream()
    stream.snapshot({ seq: 7, part: 1, parts: 3, state: { bots: [bot()] } })
    stream.snapshot({ seq: 90, part: 1, parts: 1, state: { bots: [bot({ id: 'bot_2' as never })] } })
    stream.end()
    await read(stream, reader)

    expect(heard.at(-1)).toBe('snapshot 90')
    expect(snapshots[0]?.bots.rows().map(({ id }) => id)).toEqual(['bot_2'])
  })

  test('that has come in one go lets the rest of the page work between its parts', async () => {
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 20)) // each part takes so long
    const { heard, reader } = listening()
    const stream = new FakeStream()
    for (let part = 1; part <= 5; part += 1) stream.snapshot({ seq: 7, part, parts: 5 })
    stream.end()
    let turns = 0
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      turns += 1
      if (!heard.includes('snapshot 7')) port2.postMessage(undefined)
    }
    port2.postMessage(undefined)
    await read(stream, reader)
    port1.close()

    expect(heard.at(-1)).toBe('snapshot 7')
    expect(turns).toBeGreaterThan(2)
  })

  test('with a part missing is given up', async () => {
    const { reader } = listening()
    const stream = new FakeStream()
    stream.snapshot({ seq: 7, part: 1, parts: 3 })
    stream.snapshot({ seq: 7, part: 3, parts: 3 })
    await expect(read(stream, reader)).rejects.toThrow('part 3 came after part 1')
  })

  test('that is refused for want of a sign-in is told from one that is only not there', async () => {
    const { reader } = listening()
    const answers = (status: number) =>
      readStream(() => Promise.resolve(new Response('', { status })), '/', new AbortController().signal, reader)
    await expect(answers(401)).rejects.toBeInstanceOf(SignedOut)
    await expect(answers(503)).rejects.toThrow('the server answered 503')
    await expect(answers(503)).rejects.not.toBeInstanceOf(SignedOut)
  })
})

describe('silence', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('longer than the server ever keeps ends the reading; a comment is enough to go on', async () => {
    const { reader } = listening()
    let stream: FakeStream | undefined
    const fetch = (_: string, init: RequestInit) => {
      stream = new FakeStream(init.signal ?? null)
      return Promise.resolve(stream.response)
    }
    const reading = readStream(fetch, '/', new AbortController().signal, reader)
    const ended = expect(reading).rejects.toThrow('the stream fell silent')

    await vi.advanceTimersByTimeAsync(IDLE_TIMEOUT_MS - 1_000)
    stream?.write(': still here\n\n')
    await vi.advanceTimersByTimeAsync(IDLE_TIMEOUT_MS - 1_000)
    stream?.write(': still here\n\n')
    await vi.advanceTimersByTimeAsync(IDLE_TIMEOUT_MS + 1)
    await ended
  })
})
