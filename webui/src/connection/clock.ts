/** The server's time: a demonstration's runs faster than the wall's, and an operator's machine may be off. */

/** Within this much the two clocks are the same: an event takes a moment to arrive. */
const NEAR_MS = 2_000

class ServerClock {
  #ahead = 0

  /** An event of that time has just arrived. */
  heard(ts: number): void {
    const ahead = ts - Date.now()
    this.#ahead = Math.abs(ahead) < NEAR_MS ? 0 : ahead
  }

  now(): number {
    return Date.now() + this.#ahead
  }
}

export const serverClock = new ServerClock()
