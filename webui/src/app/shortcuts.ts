/**
 * Keys of the whole page: single letters, taken by their place on the keyboard, so that they work in a Russian layout too.
 * None is a browser's own, and none acts while somebody types or a dialog is open.
 */
import { openNextNeeded } from '@/queue/next'
import { chatClosed, type Place, placeChosen, sideBySideChosen, taskShown } from '@/store/slices/workspace'
import type { Store } from '@/store/store'
import { isComposing } from '@/ui/typing'
import { emit } from '@/ui/uiEvents'

const PLACES: Readonly<Record<string, Place>> = {
  Digit1: 'chats',
  Digit2: 'tasks',
  Digit3: 'bots',
  Digit4: 'plugins',
  Digit5: 'reports',
}

export function listenToShortcuts(store: Store): () => void {
  const listen = (event: KeyboardEvent) => {
    if (isPalette(event)) {
      event.preventDefault()
      emit('palette')
      return
    }
    if (isUndo(event)) {
      emit('undo')
      event.preventDefault()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isComposing(event)) return
    if (isTyping(event.target) || document.querySelector('[role="dialog"]') !== null) return
    if (act(store, event)) event.preventDefault()
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}

/** The one key that works while somebody types too; not over another window, which waits for an answer. */
function isPalette(event: KeyboardEvent): boolean {
  if (event.code !== 'KeyK' || event.ctrlKey === event.metaKey || event.altKey || event.shiftKey) return false
  const dialog = document.querySelector('[role="dialog"]')
  return dialog === null || dialog.matches('[data-palette]')
}

/** Ctrl Z outside a text field, where it undoes what was typed. */
function isUndo(event: KeyboardEvent): boolean {
  if (event.code !== 'KeyZ' || event.ctrlKey === event.metaKey || event.altKey || event.shiftKey) return false
  return !isTyping(event.target) && document.querySelector('[role="dialog"]') === null
}

/** Returns whether the key means something here. */
function act(store: Store, event: KeyboardEvent): boolean {
  const { workspace } = store.getState()
  const place = PLACES[event.code]
  if (event.key === '?' || (event.key === ',' && event.shiftKey)) return given('help')
  if (event.code === 'Slash' || event.key === '/') return search()
  // in the chats, the bare letter closes the column
  if (event.code === 'KeyX' && (event.shiftKey || workspace.place !== 'chats')) return given('selectRow')
  // the deal of the chat or task that is looked at: first it is brought into sight
  if (event.code === 'KeyD' || (event.code === 'KeyF' && !event.shiftKey)) {
    emit('showDeal')
    return given(event.code === 'KeyF' ? 'fail' : event.shiftKey ? 'traded' : 'deal')
  }
  if (event.shiftKey) return false
  if (event.key === 'Escape') return given('clearSelection')
  if (place !== undefined) {
    store.dispatch(placeChosen(place))
    return true
  }
  if (event.code === 'KeyN') return given('newTask')
  if (event.code === 'KeyW') {
    openNextNeeded(store)
    return true
  }
  if (workspace.place !== 'chats') return step(event.code)
  switch (event.code) {
    case 'KeyJ':
      return given('nextChat')
    case 'KeyK':
      return given('previousChat')
    case 'KeyU':
      return given('nextUnreadChat')
    case 'KeyT':
      return given('takeOver')
    case 'KeyG':
      return given('giveBack')
    case 'KeyR':
      return given('write')
    case 'KeyM':
      return given('note')
    case 'KeyZ':
      return given('snooze')
    case 'KeyA':
      return given('handOver')
    case 'KeyQ':
      return given('cannedReplies')
    case 'KeyX':
      if (workspace.active !== null) store.dispatch(chatClosed(workspace.active))
      return true
    case 'KeyS':
      store.dispatch(sideBySideChosen(!workspace.sideBySide))
      return true
    case 'KeyI':
      store.dispatch(taskShown(!workspace.showTask))
      return true
    default:
      return false
  }
}

/** Through the rows of a place. */
function step(code: string): boolean {
  if (code === 'KeyJ') return given('nextRow')
  return code === 'KeyK' && given('previousRow')
}

function given(name: Parameters<typeof emit>[0]): true {
  emit(name)
  return true
}

function search(): boolean {
  const field = document.querySelector<HTMLInputElement>('[data-search]')
  field?.focus()
  field?.select()
  return field !== null
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, select, input:not([type="checkbox"], [type="radio"])'))
  )
}
