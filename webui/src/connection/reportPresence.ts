/** Tells the server what this page shows, so that colleagues know who is where. Nothing of it is kept. */
import type { ChatId } from '@/contract/ids'
import { shownChats } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

/** The name under which this page reads the event stream; a new one with every load. */
export const PAGE = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('-')

const SETTLE_MS = 150
/** The server takes a page for gone after 90 s of silence, and browsers wake hidden pages once a minute. */
const AGAIN_MS = 25_000
/** Whoever has not touched a key for so long is no longer typing. */
const PAUSE_MS = 4_000

let typing: { readonly chatId: ChatId; readonly until: number } | undefined
let changed: () => void = () => undefined

/** The operator is writing to the player of this chat. */
export function typed(chatId: ChatId): void {
  typing = { chatId, until: Date.now() + PAUSE_MS }
  changed()
}

/** What they wrote has gone out, or is gone. */
export function stoppedTyping(): void {
  typing = undefined
  changed()
}

export function reportPresence(store: Store, fetch = globalThis.fetch.bind(globalThis)): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  let told = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = 0

  const sight = () => {
    const { workspace } = store.getState()
    const here = !document.hidden
    const shown = here && workspace.place === 'chats' ? shownChats(workspace) : []
    return JSON.stringify({
      page: PAGE,
      here,
      chats: shown,
      typing: typing !== undefined && typing.until > Date.now() ? typing.chatId : null,
    })
  }
  const tell = (again: boolean) => {
    clearTimeout(timer)
    timer = undefined
    if (store.getState().connection.phase !== 'live') return
    const now = sight()
    if (typing !== undefined) later(Math.max(SETTLE_MS, typing.until - Date.now()))
    if (now === told && !again) return
    told = now
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: now, signal }
    // a page that could not say so says it again when something changes, or when its next turn comes
    fetch('/api/presence', { ...request, credentials: 'same-origin' }).catch(() => (told = ''))
  }
  const later = (ms: number) => {
    const at = Date.now() + ms
    if (timer !== undefined && due <= at) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(() => tell(false), ms)
  }

  let { connection, workspace } = store.getState()
  const unsubscribe = store.subscribe(() => {
    const state = store.getState()
    if (state.connection.phase !== connection.phase) {
      connection = state.connection
      if (connection.phase === 'live') tell(true) // a new stream knows nothing of this page yet
    }
    if (state.workspace !== workspace) {
      workspace = state.workspace
      later(SETTLE_MS)
    }
  })
  changed = () => later(SETTLE_MS)
  document.addEventListener('visibilitychange', () => tell(false), { signal })
  const turn = setInterval(() => tell(true), AGAIN_MS)
  return () => {
    stopped.abort()
    unsubscribe()
    clearInterval(turn)
    clearTimeout(timer)
    changed = () => undefined
  }
}
