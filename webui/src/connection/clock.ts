/** The server's time: a demonstration's runs faster than the wall's, and an operator's machine may be off. */

/** Offsets below this count as none: an event takes a moment to arrive. */
const NEAR_MS = 2_000

class ServerClock {
  #ahead = 0
  readonly #watchers = new Set<() => void>()

  /** It is so late there: a stream began, or an event arrived. Where its clock has stepped, this one goes along. */
  synchronize(ts: number): void {
    const before = this.#ahead
    const ahead = ts - Date.now()
    this.#ahead = Math.abs(ahead) < NEAR_MS ? 0 : ahead
    if (Math.abs(this.#ahead - before) < NEAR_MS) return
    for (const watcher of this.#watchers) watcher()
  }

  now(): number {
    return Date.now() + this.#ahead
  }

  /** Calls `watcher` whenever the clock has stepped. Returns the unsubscribe function. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

export const serverClock = new ServerClock()
