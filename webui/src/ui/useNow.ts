import { useSyncExternalStore } from 'react'

import { serverClock } from '@/connection/clock'

const TICK_MS = 5_000

const listeners = new Set<() => void>()
let stop: (() => void) | undefined
let tick = serverClock.now()

function subscribe(changed: () => void): () => void {
  if (listeners.size === 0) tick = serverClock.now()
  listeners.add(changed)
  stop ??= start()
  return () => {
    listeners.delete(changed)
    if (listeners.size > 0) return
    stop?.()
    stop = undefined
  }
}

/** Poll the server's clock, and at once when it has stepped. */
function start(): () => void {
  const look = () => {
    tick = serverClock.now()
    for (const listener of listeners) listener()
  }
  const timer = setInterval(look, TICK_MS)
  const ignore = serverClock.watch(look)
  return () => {
    clearInterval(timer)
    ignore()
  }
}

/** The server's time, a few seconds old at most: one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => tick)
}
