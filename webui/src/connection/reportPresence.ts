/** Sends this page's presence (visible chats, typing) to the server, for colleagues to see. Nothing of it is stored. */
import type { ChatId } from '@/contract/ids'
import { shownChats } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

/** The id under which this page reads the event stream; a new one with every load. */
export const PAGE_ID = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('-')

const SETTLE_MS = 150
/** The server takes a page for gone after 90 s of silence, and browsers wake hidden pages once a minute. */
const AGAIN_MS = 25_000
/** After this long without a key the operator is no longer typing. */
const PAUSE_MS = 4_000

let typing: { readonly chatId: ChatId; readonly until: number } | undefined
let changed: () => void = () => undefined

/** The operator is writing to the player of this chat. */
export function markTyping(chatId: ChatId): void {
  typing = { chatId, until: Date.now() + PAUSE_MS }
  changed()
}

/** The draft was sent or emptied. */
export function clearTyping(): void {
  typing = undefined
  changed()
}

export function reportPresence(store: Store, fetch = globalThis.fetch.bind(globalThis)): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  let sent = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = 0

  const ownPresence = () => {
    const { workspace } = store.getState()
    const here = !document.hidden
    const shown = here && workspace.place === 'chats' ? shownChats(workspace) : []
    return JSON.stringify({
      page: PAGE_ID,
      here,
      chats: shown,
      typing: typing !== undefined && typing.until > Date.now() ? typing.chatId : null,
    })
  }
  const send = (again: boolean) => {
    clearTimeout(timer)
    timer = undefined
    if (store.getState().connection.phase !== 'live') return
    const now = ownPresence()
    if (typing !== undefined) later(Math.max(SETTLE_MS, typing.until - Date.now()))
    if (now === sent && !again) return
    sent = now
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: now, signal }
    // a page that could not say so says it again when something changes, or with the next interval
    fetch('/api/presence', { ...request, credentials: 'same-origin' }).catch(() => (sent = ''))
  }
  const later = (ms: number) => {
    const at = Date.now() + ms
    if (timer !== undefined && due <= at) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(() => send(false), ms)
  }

  let { connection, workspace } = store.getState()
  const unsubscribe = store.subscribe(() => {
    const state = store.getState()
    if (state.connection.phase !== connection.phase) {
      connection = state.connection
      if (connection.phase === 'live') send(true) // a new stream knows nothing of this page yet
    }
    if (state.workspace !== workspace) {
      workspace = state.workspace
      later(SETTLE_MS)
    }
  })
  changed = () => later(SETTLE_MS)
  document.addEventListener('visibilitychange', () => send(false), { signal })
  const interval = setInterval(() => send(true), AGAIN_MS)
  return () => {
    stopped.abort()
    unsubscribe()
    clearInterval(interval)
    clearTimeout(timer)
    changed = () => undefined
  }
}
