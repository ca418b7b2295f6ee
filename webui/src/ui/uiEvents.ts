/**
 * Events between parts of the page: a keyboard shortcut, button or palette entry emits one, and the component that can do it
 * listens.
 */
import { useEffect, useEffectEvent } from 'react'
import { flushSync } from 'react-dom'

export type UiEvent =
  | 'note'
  | 'cannedReplies'
  | 'selectRow'
  | 'clearSelection'
  | 'nextRow'
  | 'previousRow'
  | 'nextChat'
  | 'previousChat'
  | 'nextUnreadChat'
  | 'takeOver'
  | 'giveBack'
  | 'write'
  | 'showDeal'
  | 'deal'
  | 'fail'
  | 'traded'
  | 'undo'
  | 'snooze'
  | 'handOver'
  | 'newTask'
  | 'addBots'
  | 'disposeTask'
  | 'removeBot'
  | 'doNotContact'
  | 'allowInvite'
  | 'stopPlugin'
  | 'pauseContact'
  | 'resumeContact'
  | 'palette'
  | 'help'
  | 'stopWords'
  | 'secondFactor'
  | 'recoveryCodes'
  | 'audit'
  | 'admin'

const bus = new EventTarget()

/**
 * All of it is done on return: the next key may come at once, and belongs to the window that this one opens. `about`: the id
 * of what it is to be done to, where that is not plain from what is in sight.
 */
export function emit(name: UiEvent, about = ''): void {
  flushSync(() => bus.dispatchEvent(new CustomEvent<string>(name, { detail: about })))
}

/** Calls `act` on every event of this name while the component is mounted. */
export function useUiEvent(name: UiEvent, act: (about: string) => void): void {
  const latest = useEffectEvent(act)
  useEffect(() => {
    const listener = (event: Event) => latest((event as CustomEvent<string>).detail)
    bus.addEventListener(name, listener)
    return () => bus.removeEventListener(name, listener)
  }, [name])
}
