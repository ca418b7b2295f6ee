/**
 * One reading of the event stream, from its snapshot to its end.
 *
 * It is read with fetch rather than EventSource, which hides the three things that matter here: the status (whether to
 * sign in or to wait), the comments that tell a silent stream from a dead one, and the moment to try again.
 */
import { createParser } from 'eventsource-parser'

import type { Envelope } from '@/contract/events'
import type { Check, SnapshotPart } from '@/contract/tables'
import { SnapshotAssembly, type Replica } from '@/store/replica'
import type { Page } from '@/store/slices/presence'
import { yieldToBrowser } from '@/store/yieldToBrowser'

/** The server sends at least a comment every 15 s: after this long without a byte the connection is dead. */
export const IDLE_TIMEOUT_MS = 40_000

/** The time slice of parsing, before it yields to the browser. */
const WORK_MS = 10

export class SignedOut extends Error {}

export interface Reader {
  /** Something has come, if only the comment that says that all is well. */
  readonly onActivity: () => void
  /** The stream has begun: what time it is for the server. */
  readonly onTime: (now: number) => void
  /** A part of a snapshot has come. */
  readonly onPart: (part: number, parts: number) => void
  readonly onSnapshot: (replica: Replica) => void
  /** Events that came together, in order. May throw: then the stream is given up. */
  readonly onEvents: (events: readonly Envelope[]) => void
  /** Who is here has changed: all pages, mine among them. */
  readonly onPresence: (pages: readonly Page[]) => void
  /** What the server says that the state comes to after these events. May throw, as well. */
  readonly onChecks: (checks: readonly Check[]) => void
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Read until the stream ends or `signal` aborts it. Throws SignedOut, or what else kept it from being read. */
export async function readStream(fetch: Fetch, url: string, signal: AbortSignal, reader: Reader): Promise<void> {
  const silence = new Watchdog(IDLE_TIMEOUT_MS, signal)
  try {
    const response = await fetch(url, {
      signal: silence.signal,
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      credentials: 'same-origin',
    })
    if (response.status === 401 || response.status === 403) throw new SignedOut(`status ${response.status}`)
    if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`)
    const now = Number(response.headers.get('switchboard-time'))
    if (now > 0) reader.onTime(now)
    const messages = new Messages(reader)
    const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let worked = 0
    for (;;) {
      const { done, value } = await chunks.read()
      if (done) return
      silence.reset()
      reader.onActivity()
      const began = performance.now()
      messages.feed(value)
      worked += performance.now() - began
      // what has come already is read at once, in the same task: a snapshot would hold the page until its end
      if (worked < WORK_MS) continue
      await yieldToBrowser()
      worked = 0
    }
  } finally {
    silence.end()
  }
}

/** Parses the stream: assembles snapshots, and passes on the events of one chunk in one call. */
class Messages {
  readonly #reader: Reader
  readonly #parser
  #assembly: SnapshotAssembly | undefined
  #events: Envelope[] = []

  constructor(reader: Reader) {
    this.#reader = reader
    this.#parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === 'snapshot') this.#part(JSON.parse(data) as SnapshotPart)
        else if (event === 'presence') reader.onPresence(JSON.parse(data) as Page[])
        else if (event === 'batch') this.#events.push(...(JSON.parse(data) as Envelope[]))
        else if (event === 'check') this.#check(JSON.parse(data) as Check[])
      },
    })
  }

  feed(text: string): void {
    this.#parser.feed(text)
    this.#flush()
  }

  #flush(): void {
    if (this.#events.length === 0) return
    const events = this.#events
    this.#events = []
    this.#reader.onEvents(events)
  }

  #check(checks: readonly Check[]): void {
    this.#flush()
    this.#reader.onChecks(checks)
  }

  /** A first part begins anew at any time: the server sends a new snapshot to whoever has fallen too far behind. */
  #part(part: SnapshotPart): void {
    if (part.part === 1) {
      this.#events = []
      this.#assembly = new SnapshotAssembly()
    }
    if (this.#assembly === undefined) throw new Error(`snapshot part ${part.part} came without the first`)
    const replica = this.#assembly.add(part)
    this.#reader.onPart(part.part, part.parts)
    if (replica !== undefined) {
      this.#assembly = undefined
      this.#reader.onSnapshot(replica)
    }
  }
}

/** Aborts when it was not reset for so long, or when its owner aborts. */
class Watchdog {
  readonly #ms: number
  readonly #controller = new AbortController()
  readonly #owner: AbortSignal
  readonly #stop = () => this.#controller.abort(this.#owner.reason)
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms: number, owner: AbortSignal) {
    this.#ms = ms
    this.#owner = owner
    if (owner.aborted) this.#stop()
    owner.addEventListener('abort', this.#stop)
    this.reset()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  reset(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#controller.abort(new Error('the stream fell silent')), this.#ms)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#owner.removeEventListener('abort', this.#stop)
  }
}
