import { useSyncExternalStore } from 'react'

import { serverClock } from '@/connection/clock'

const TICK_MS = 5_000

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let tick = serverClock.now()

function subscribe(changed: () => void): () => void {
  if (listeners.size === 0) tick = serverClock.now()
  listeners.add(changed)
  timer ??= setInterval(() => {
    tick = serverClock.now()
    for (const listener of listeners) listener()
  }, TICK_MS)
  return () => {
    listeners.delete(changed)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The server's time, a few seconds old at most: one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => tick)
}
