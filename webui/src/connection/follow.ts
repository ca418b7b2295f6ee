/** Keeps the store in sync with the server: reads the event stream, and reconnects with backoff whenever it ends. */
import { backoff } from '@/connection/backoff'
import { serverClock } from '@/connection/clock'
import { PAGE_ID } from '@/connection/reportPresence'
import { readStream, SignedOut } from '@/connection/stream'
import { matchesCheck } from '@/store/checks'
import { batchArrived, toAction } from '@/store/events'
import { connectionChanged } from '@/store/slices/connection'
import { presenceReceived } from '@/store/slices/presence'
import { divergenceFound } from '@/store/slices/problems'
import { snapshotArrived, type Store } from '@/store/store'

/** The replica does not match the server's checksum, though every event fitted. */
class Diverged extends Error {}

/** The least time between two new snapshots for a divergence: pages must not do nothing but reload. */
const RECHECK_MS = 60_000

export const STREAM = `/api/event-stream?page=${PAGE_ID}`
/** The number of progress updates for a snapshot of some hundred parts: each is rendered. */
const STEPS = 25
/** A timer that fires this late means that the machine has slept. */
const SLEEP_MS = 20_000
const CHECK_MS = 5_000

/** Follow the server until the page is closed. Returns what stops it. */
export function follow(store: Store, fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis)): () => void {
  const stopped = new AbortController()
  const trigger = new ReconnectTrigger(stopped.signal)
  void keepFollowing(store, fetch, trigger, stopped.signal)
  return () => stopped.abort()
}

async function keepFollowing(
  store: Store,
  fetch: typeof globalThis.fetch,
  trigger: ReconnectTrigger,
  stopped: AbortSignal,
) {
  let failures = 0
  let heardAt = Date.now()
  let staleSince: number | null = null
  let recheckAt = 0
  for (;;) {
    if (isAborted(stopped)) return
    const signal = trigger.streamSignal()
    let why = 'the stream has ended'
    try {
      await readStream(fetch, STREAM, signal, {
        onActivity: () => {
          heardAt = Date.now()
        },
        onTime: (now) => serverClock.synchronize(now),
        onPart: (part, parts) => {
          const isStep = Math.floor((STEPS * part) / parts) > Math.floor((STEPS * (part - 1)) / parts)
          if (part < parts && isStep)
            store.dispatch(connectionChanged({ phase: 'catchingUp', part, parts, staleSince }))
        },
        onSnapshot: (replica) => {
          store.dispatch(snapshotArrived(replica))
          store.dispatch(connectionChanged({ phase: 'live' }))
          failures = 0
          staleSince = null
        },
        onPresence: (pages) => store.dispatch(presenceReceived(pages)),
        onEvents: (events) => {
          serverClock.synchronize(events.at(-1)!.ts)
          store.dispatch(batchArrived(events.map(toAction)))
        },
        onChecks: (checks) => {
          const { replica } = store.getState()
          const found = checks.find((check) => !matchesCheck(replica, check))
          if (found === undefined || Date.now() < recheckAt) return
          // A copy that is wrong again at once is not mended by copying: then it is only said.
          recheckAt = Date.now() + RECHECK_MS
          store.dispatch(divergenceFound({ table: found.table, seq: found.seq, ts: serverClock.now() }))
          throw new Diverged(`what this page knew of the ${found.table} was not what the server knows`)
        },
      })
    } catch (error) {
      if (error instanceof Diverged) {
        staleSince = heardAt
        store.dispatch(connectionChanged({ phase: 'stale', since: heardAt, retryAt: Date.now(), why: error.message }))
        continue
      }
      if (error instanceof SignedOut) {
        store.dispatch(connectionChanged({ phase: 'signedOut' }))
        await trigger.nextTry(Infinity)
        continue
      }
      why = error instanceof Error ? error.message : String(error)
    }
    if (isAborted(stopped)) return
    failures += 1
    staleSince ??= heardAt
    const wait = backoff(failures)
    store.dispatch(connectionChanged({ phase: 'stale', since: staleSince, retryAt: Date.now() + wait, why }))
    await trigger.nextTry(wait)
  }
}

/** Read through a call, since TypeScript would narrow it: it may change while the stream is read. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

/** Ends the wait before a reconnect early, and ends streams that are dead: network changes, sleep, the reconnect button. */
class ReconnectTrigger {
  readonly #stopped: AbortSignal
  #stream = new AbortController()
  #tryNow: () => void = () => undefined

  constructor(stopped: AbortSignal) {
    this.#stopped = stopped
    stopped.addEventListener('abort', () => this.#again('the page was closed'))
    window.addEventListener('online', () => this.#again('the network has changed'), { signal: stopped })
    window.addEventListener('switchboard:reconnect', () => this.#again('asked for by hand'), { signal: stopped })
    document.addEventListener('visibilitychange', () => document.hidden || this.#tryNow(), { signal: stopped })
    this.#watchSleep()
  }

  /** The abort signal for the next stream. */
  streamSignal(): AbortSignal {
    this.#stream = new AbortController()
    if (this.#stopped.aborted) this.#stream.abort()
    return this.#stream.signal
  }

  /** Returns after `ms`, or as soon as there is reason to think that it will work now. */
  async nextTry(ms: number): Promise<void> {
    if (this.#stopped.aborted) return
    await new Promise<void>((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(resolve, ms)
      this.#tryNow = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#tryNow = () => undefined
  }

  #again(why: string): void {
    this.#stream.abort(new Error(why))
    this.#tryNow()
  }

  #watchSleep(): void {
    let last = Date.now()
    const timer = setInterval(() => {
      const now = Date.now()
      // A hidden tab's timers may come a minute late; then a dead stream is left to the silence that it keeps.
      if (now - last > CHECK_MS + SLEEP_MS && !document.hidden) this.#again('the machine has slept')
      last = now
    }, CHECK_MS)
    this.#stopped.addEventListener('abort', () => clearInterval(timer))
  }
}

/** Try at once: what the button beside "stale" does. */
export function reconnect(): void {
  window.dispatchEvent(new Event('switchboard:reconnect'))
}
