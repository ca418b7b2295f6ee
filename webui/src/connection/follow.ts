/** Keeps the store on the server's state: reads the stream, and begins anew whenever it ends, with a new snapshot. */
import { backoff } from '@/connection/backoff'
import { serverClock } from '@/connection/clock'
import { PAGE } from '@/connection/reportPresence'
import { readStream, SignedOut } from '@/connection/stream'
import { holds } from '@/store/checks'
import { batchArrived, toAction } from '@/store/events'
import { connectionChanged } from '@/store/slices/connection'
import { presenceTold } from '@/store/slices/presence'
import { driftFound } from '@/store/slices/problems'
import { snapshotArrived, type Store } from '@/store/store'

/** The page's copy of the state is not the server's, though every event fitted. */
class Drifted extends Error {}

/** After a copy was found wrong, the next one is taken as it is for so long: pages must not do nothing but copy. */
const TRUST_MS = 60_000

export const STREAM = `/api/event-stream?page=${PAGE}`
/** A snapshot of some hundred parts is told of in so many: each is drawn. */
const STEPS = 25
/** A timer that comes this much later than it was set for tells that the machine has slept. */
const NAP_MS = 20_000
const CHECK_MS = 5_000

/** Follow the server until the page is closed. Returns what stops it. */
export function follow(store: Store, fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis)): () => void {
  const stopped = new AbortController()
  const wake = new Wake(stopped.signal)
  void keepFollowing(store, fetch, wake, stopped.signal)
  return () => stopped.abort()
}

async function keepFollowing(store: Store, fetch: typeof globalThis.fetch, wake: Wake, stopped: AbortSignal) {
  let failures = 0
  let heardAt = Date.now()
  let staleSince: number | null = null
  let trustedUntil = 0
  for (;;) {
    if (isAborted(stopped)) return
    const reading = wake.reading()
    let why = 'the stream has ended'
    try {
      await readStream(fetch, STREAM, reading, {
        onSign: () => {
          heardAt = Date.now()
        },
        onTime: (now) => serverClock.heard(now),
        onPart: (part, parts) => {
          const told = Math.floor((STEPS * part) / parts) > Math.floor((STEPS * (part - 1)) / parts)
          if (part < parts && told) store.dispatch(connectionChanged({ phase: 'catchingUp', part, parts, staleSince }))
        },
        onSnapshot: (replica) => {
          store.dispatch(snapshotArrived(replica))
          store.dispatch(connectionChanged({ phase: 'live' }))
          failures = 0
          staleSince = null
        },
        onPresence: (pages) => store.dispatch(presenceTold(pages)),
        onEvents: (events) => {
          serverClock.heard(events.at(-1)!.ts)
          store.dispatch(batchArrived(events.map(toAction)))
        },
        onChecks: (checks) => {
          const { replica } = store.getState()
          const found = checks.find((check) => !holds(replica, check))
          if (found === undefined || Date.now() < trustedUntil) return
          // A copy that is wrong again at once is not mended by copying: then it is only said.
          trustedUntil = Date.now() + TRUST_MS
          store.dispatch(driftFound({ table: found.table, seq: found.seq, ts: serverClock.now() }))
          throw new Drifted(`what this page knew of the ${found.table} was not what the server knows`)
        },
      })
    } catch (error) {
      if (error instanceof Drifted) {
        staleSince = heardAt
        store.dispatch(connectionChanged({ phase: 'stale', since: heardAt, retryAt: Date.now(), why: error.message }))
        continue
      }
      if (error instanceof SignedOut) {
        store.dispatch(connectionChanged({ phase: 'signedOut' }))
        await wake.nextTry(Infinity)
        continue
      }
      why = error instanceof Error ? error.message : String(error)
    }
    if (isAborted(stopped)) return
    failures += 1
    staleSince ??= heardAt
    const wait = backoff(failures)
    store.dispatch(connectionChanged({ phase: 'stale', since: staleSince, retryAt: Date.now() + wait, why }))
    await wake.nextTry(wait)
  }
}

/** Asked anew: it may have come to be while the stream was read. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

/** Tells when to give up waiting, and when to give up a stream that only seems to be alive. */
class Wake {
  readonly #stopped: AbortSignal
  #reading = new AbortController()
  #tryNow: () => void = () => undefined

  constructor(stopped: AbortSignal) {
    this.#stopped = stopped
    stopped.addEventListener('abort', () => this.#again('the page was closed'))
    window.addEventListener('online', () => this.#again('the network has changed'), { signal: stopped })
    window.addEventListener('switchboard:reconnect', () => this.#again('asked for by hand'), { signal: stopped })
    document.addEventListener('visibilitychange', () => document.hidden || this.#tryNow(), { signal: stopped })
    this.#watchSleep()
  }

  /** The signal of one reading of the stream. */
  reading(): AbortSignal {
    this.#reading = new AbortController()
    if (this.#stopped.aborted) this.#reading.abort()
    return this.#reading.signal
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
    this.#reading.abort(new Error(why))
    this.#tryNow()
  }

  #watchSleep(): void {
    let last = Date.now()
    const timer = setInterval(() => {
      const now = Date.now()
      // A hidden tab's timers may come a minute late; then a dead stream is left to the silence that it keeps.
      if (now - last > CHECK_MS + NAP_MS && !document.hidden) this.#again('the machine has slept')
      last = now
    }, CHECK_MS)
    this.#stopped.addEventListener('abort', () => clearInterval(timer))
  }
}

/** Try at once: what the button beside "stale" does. */
export function reconnect(): void {
  window.dispatchEvent(new Event('switchboard:reconnect'))
}
