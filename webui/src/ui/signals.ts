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
  | 'disposeTask'
  | 'removeBot'
  | 'leaveAlone'
  | 'allowInvite'
  | 'stopPlugin'
  | 'pauseContact'
  | 'resumeContact'
  | 'palette'
  | 'help'
  | 'stopWords'
  | 'audit'
  | 'staff'

const bus = new EventTarget()

/**
 * All of it is done on return: the next key may come at once, and belongs to the window that this one opens. `about`: the id
 * of what it is to be done to, where that is not plain from what is in sight.
 */
export function signal(name: Signal, about = ''): void {
  flushSync(() => bus.dispatchEvent(new CustomEvent<string>(name, { detail: about })))
}

/** Do this whenever the signal is given, as long as the component is there. */
export function useSignal(name: Signal, act: (about: string) => void): void {
  const latest = useEffectEvent(act)
  useEffect(() => {
    const listener = (event: Event) => latest((event as CustomEvent<string>).detail)
    bus.addEventListener(name, listener)
    return () => bus.removeEventListener(name, listener)
  }, [name])
}
