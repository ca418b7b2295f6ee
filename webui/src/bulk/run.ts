/** Runs a command for many rows with bounded concurrency; can be stopped and resumed. */
import { STOPS_ALL, type BulkEntry, type BulkState } from '@/bulk/plan'
import type { CommandError } from '@/commands/send'

/** Commands in flight at once: enough to keep the server's disk busy, few enough to leave room for others. */
export const CONCURRENCY = 4
/** Listeners hear of progress at most this often. */
const NOTIFY_MS = 100
/** The wait where the server asks for one without saying how long. */
const WAIT_MS = 1_000

export interface Progress {
  readonly entries: readonly BulkEntry[]
  readonly running: boolean
  readonly count: Readonly<Record<BulkState, number>>
  /** What stopped it before the end, if not the operator. */
  readonly error: CommandError | undefined
}

type CarryOut = (entry: BulkEntry) => Promise<BulkEntry | CommandError>
type Wait = (ms: number) => Promise<void>

const sleep: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export class BulkRun {
  #entries: BulkEntry[]
  #progress: Progress
  #running = false
  #stopping = false
  #error: CommandError | undefined
  readonly #listeners = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(entries: readonly BulkEntry[]) {
    this.#entries = [...entries]
    this.#progress = this.#look()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly progress = (): Progress => this.#progress

  /** Returns when nothing is left, or when it was stopped and what was under way has been answered. */
  async start(carryOut: CarryOut, wait: Wait = sleep): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = false
    this.#error = undefined
    this.#notify()
    const left = this.#entries.flatMap(({ state }, index) => (state === 'todo' ? [index] : []))[Symbol.iterator]()
    const work = async () => {
      for (const index of left) {
        await this.#one(index, carryOut, wait)
        if (this.#stopping) return
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    this.#running = false
    this.#notify()
  }

  stop(): void {
    this.#stopping = true
  }

  async #one(index: number, carryOut: CarryOut, wait: Wait): Promise<void> {
    while (!this.#stopping) {
      const after = await carryOut(this.#entries[index]!)
      if ('state' in after) {
        this.#entries[index] = after
        this.#notifySoon()
        return
      }
      if (STOPS_ALL.has(after.code)) {
        this.#error = after
        this.#stopping = true
        return
      }
      await wait(after.retryAfter ?? WAIT_MS)
    }
  }

  #look(): Progress {
    const count = { refused: 0, unfit: 0, todo: 0, done: 0 }
    for (const { state } of this.#entries) count[state] += 1
    return { entries: [...this.#entries], running: this.#running, count, error: this.#error }
  }

  #notifySoon(): void {
    this.#timer ??= setTimeout(() => this.#notify(), NOTIFY_MS)
  }

  #notify(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#progress = this.#look()
    for (const listener of this.#listeners) listener()
  }
}
