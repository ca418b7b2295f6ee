/** What a key asks for, to whichever part of the page can do it. */
import { useEffect, useEffectEvent } from 'react'
import { flushSync } from 'react-dom'

export type Signal =
  | 'note'
  | 'cannedReplies'
  | 'pick'
  | 'unpick'
  | 'nextRow'
  | 'previousRow'
  | 'nextChat'
  | 'previousChat'
  | 'nextUnreadChat'
  | 'takeOver'
  | 'giveBack'
  | 'write'
  | 'newTask'
  | 'addBots'
  | 'pauseContact'
  | 'resumeContact'
  | 'palette'
  | 'help'
  | 'audit'

const bus = new EventTarget()

/** All of it is done on return: the next key may come at once, and belongs to the window that this one opens. */
export function signal(name: Signal): void {
  flushSync(() => bus.dispatchEvent(new Event(name)))
}

/** Do this whenever the signal is given, as long as the component is there. */
export function useSignal(name: Signal, act: () => void): void {
  const latest = useEffectEvent(act)
  useEffect(() => {
    const listener = () => latest()
    bus.addEventListener(name, listener)
    return () => bus.removeEventListener(name, listener)
  }, [name])
}
