/** Gives a command for many rows, a few at a time, and can be stopped and gone on with. */
import { STOPS_ALL, type Entry, type EntryState } from '@/bulk/plan'
import type { CommandError } from '@/commands/send'

/** Commands under way at once: enough to keep the server's disk busy, and no crowd before anybody else's. */
export const WIDTH = 4
/** The page looks at the progress this often. */
const TELL_MS = 100
/** When the server asks to wait without saying how long. */
const WAIT_MS = 1_000

export interface Progress {
  readonly entries: readonly Entry[]
  readonly running: boolean
  readonly count: Readonly<Record<EntryState, number>>
  /** What stopped it before the end, if not the operator. */
  readonly error: CommandError | undefined
}

type CarryOut = (entry: Entry) => Promise<Entry | CommandError>
type Wait = (ms: number) => Promise<void>

const sleep: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export class BulkRun {
  #entries: Entry[]
  #progress: Progress
  #running = false
  #stopping = false
  #error: CommandError | undefined
  readonly #listeners = new Set<() => void>()
  #telling: ReturnType<typeof setTimeout> | undefined

  constructor(entries: readonly Entry[]) {
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
    this.#tell()
    const left = this.#entries.flatMap(({ state }, index) => (state === 'todo' ? [index] : []))[Symbol.iterator]()
    const work = async () => {
      for (const index of left) {
        await this.#one(index, carryOut, wait)
        if (this.#stopping) return
      }
    }
    await Promise.all(Array.from({ length: WIDTH }, work))
    this.#running = false
    this.#tell()
  }

  stop(): void {
    this.#stopping = true
  }

  async #one(index: number, carryOut: CarryOut, wait: Wait): Promise<void> {
    while (!this.#stopping) {
      const after = await carryOut(this.#entries[index]!)
      if ('state' in after) {
        this.#entries[index] = after
        this.#tellSoon()
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

  #tellSoon(): void {
    this.#telling ??= setTimeout(() => this.#tell(), TELL_MS)
  }

  #tell(): void {
    clearTimeout(this.#telling)
    this.#telling = undefined
    this.#progress = this.#look()
    for (const listener of this.#listeners) listener()
  }
}
